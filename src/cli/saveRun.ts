import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeRun, type TrainedModel } from '../training/weights/runFile.ts';
import { UsageError } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';

/** Throws UsageError before anything is trained for a file that could not be written. */
export async function checkSavePath(path: string): Promise<void> {
  const remedy = 'Check the path after --save.';
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory()) throw new UsageError(`There is no folder ${dirname(path)}.`, remedy);
  const there = await stat(path).catch(() => undefined);
  if (there && !there.isFile()) throw new UsageError(`${path} is not a file.`, remedy);
}

/** Replaces the file. Progress goes to stderr. */
export async function saveRun(model: TrainedModel, path: string): Promise<void> {
  const pieces = await encodeRun(model, fingerprintOf(model.dataset));
  const file = await open(path, 'w');
  try {
    for (const piece of pieces) if (piece.length > 0) await file.writeFile(piece);
  } finally {
    await file.close();
  }
  const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  process.stderr.write(`Saved ${(sizeBytes / 1e6).toFixed(2)} MB to ${path}.\n`);
}
