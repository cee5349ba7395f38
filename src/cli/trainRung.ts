import { fingerprintOf } from '../data/fingerprint.ts';
import { lossOf } from '../metrics/metrics.ts';
import type { Checkpoint, CheckpointKeeper } from '../training/checkpoint/checkpoint.ts';
import type { RunResult } from '../training/events/events.ts';
import { REPLACED } from '../training/loop/run.ts';
import { trainRun } from '../training/train.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import type { NamedRun, Trainer } from './finishRuns.ts';
import { heedful } from './openBackend.ts';
import type { RungCheckpoints } from './rungCheckpoints.ts';
import { resultLine } from './trainReport.ts';

/** A run of a search: `key` names it as far as it is trained here, `runKey` as a whole. */
export interface NamedRung extends NamedRun {
  readonly untilStep: number | null;
  readonly runKey: string;
}

/**
 * Trains a run up to a step, from where an earlier rung left it. Its line says from which step (`fromStep`); its validation metrics
 * are the best so far, and where it ended before that step, it is that of the whole run. null: it was stopped.
 */
export async function trainRung(
  { asked, settings, untilStep, key, runKey }: NamedRung,
  { dataset, backend, batchCache, memory, signal, report }: Trainer,
  checkpoints: RungCheckpoints,
): Promise<ComparisonLine | null> {
  const from = await checkpoints.load(runKey, untilStep);
  const end = new KeeperAtStep(untilStep);
  let result: RunResult | undefined;
  const device = { dataset, backend, batchCache, memory, scheduling: heedful };
  const control = { signal: AbortSignal.any([signal, end.signal]), checkpoints: end, from };
  for await (const event of trainRun({ settings, ...device, ...control })) {
    report.progress(event);
    if (event.kind === 'finished') result = event.result;
  }
  const { kept } = end;
  if (!result || (result.reason === 'stopped' && !kept)) return null;
  if (kept) await checkpoints.save(runKey, kept);
  const line = { ...resultLine(result), ...(kept && { validation: lowest(kept) }) };
  const fingerprint = await fingerprintOf(dataset);
  return { ...line, askedBudget: asked.text, fromStep: from?.position.step ?? 0, fingerprint, key };
}

/** Ends a run after a step, and has its checkpoint then. */
class KeeperAtStep implements CheckpointKeeper {
  readonly #step: number | null;
  readonly #end = new AbortController();
  kept: Checkpoint | undefined;

  constructor(step: number | null) {
    this.#step = step;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  isDue(step: number): boolean {
    return step === this.#step && !this.kept;
  }

  keep(checkpoint: Checkpoint): void {
    this.kept = checkpoint;
    this.#end.abort(REPLACED);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}

/** Before tables are pruned no evaluation is the best, and the lowest stands for it. */
function lowest({ position: { evaluations } }: Checkpoint) {
  return evaluations.map(({ metrics }) => metrics).reduce((a, b) => (lossOf(b) < lossOf(a) ? b : a));
}
