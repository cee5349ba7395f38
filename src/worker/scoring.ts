import type { Backend } from '../backend/backend.ts';
import { createCpuBackend } from '../backend/cpu/backend.ts';
import { createWebGpuBackend } from '../backend/webgpu/backend.ts';
import { openFileSet } from '../data/source.ts';
import { Scorer } from '../training/scoring/scorer.ts';
import { scoreLines } from '../training/scoring/scoreLines.ts';
import { openScoredTable } from '../training/scoring/scoredTable.ts';
import { openRun, type SavedRun } from '../training/weights/runFile.ts';
import { toFailure } from './failure.ts';
import type { ScoringReply, ScoringRequest } from './protocol.ts';

const remedy = 'Try again; if it fails again, copy the diagnostics and report them.';

/** Least time between two progress messages: 10 a second at most. */
const INTERVAL_MS = 100;

/** Scores a file and posts what comes of it; rejects with nothing. The browser holds the table, so that it may be large. */
async function scoreFile(
  request: ScoringRequest,
  post: (reply: ScoringReply) => void,
  openBackend: (saved: SavedRun) => Promise<Backend> = openLikeTraining,
): Promise<void> {
  try {
    const saved = await openRun(request.model);
    const backend = await openBackend(saved);
    try {
      post(await score(saved, backend, request, post));
    } finally {
      backend.destroy();
    }
  } catch (error) {
    post({ type: 'failed', failure: toFailure(error, remedy) });
  }
}

async function score(
  saved: SavedRun,
  backend: Backend,
  { file, format }: ScoringRequest,
  post: (reply: ScoringReply) => void,
): Promise<ScoringReply> {
  const source = openFileSet(file);
  const scorer = await Scorer.open(saved, backend);
  let lastMs = -Infinity;
  const onProgress = (bytes: number): void => {
    if (performance.now() - lastMs < INTERVAL_MS) return;
    lastMs = performance.now();
    post({ type: 'progress', share: Math.min(1, bytes / source.size) });
  };
  try {
    const lines = scoreLines(saved, scorer, source, { onProgress });
    const table = await openScoredTable(format, saved.run.data.encoding?.task ?? 'click');
    const pieces: Blob[] = [];
    const keep = (bytes: Uint8Array): void =>
      void (bytes.length > 0 && pieces.push(new Blob([bytes as Uint8Array<ArrayBuffer>])));
    for (let next = await lines.next(); ; next = await lines.next()) {
      if (!next.done) {
        keep(table.add(next.value));
        continue;
      }
      keep(table.end());
      return { type: 'scored', table: new Blob(pieces), report: next.value };
    }
  } finally {
    scorer.destroy();
  }
}

/** The backend that the model was trained on, whose scores are those of its evaluation to the bit; the CPU where there is no such GPU. */
async function openLikeTraining({ run }: SavedRun): Promise<Backend> {
  if (run.settings.backend !== 'webgpu') return createCpuBackend();
  return createWebGpuBackend(navigator.gpu).catch(createCpuBackend);
}

// Runs in a worker only. Tests have no such scope.
if (typeof WorkerGlobalScope !== 'undefined' && self instanceof WorkerGlobalScope) {
  const scope = self as unknown as DedicatedWorkerGlobalScope;
  scope.addEventListener(
    'message',
    ({ data }: MessageEvent<ScoringRequest>) => void scoreFile(data, (reply) => scope.postMessage(reply, [])),
  );
}
