import { fingerprintOf } from '../data/fingerprint.ts';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { RunResult } from '../training/events/events.ts';
import { encodeRun, type SavableRun } from '../training/weights/runFile.ts';
import { writeBytes } from '../quantities/quantities.ts';
import { WriteError } from './usage.ts';
import { writeWhole } from './wholeFile.ts';

/**
 * Replaces the file by the weights and settings of a run. Where that cannot be done, they are put into the folder of temporary files
 * instead, so that nothing trained is lost. Returns whether they are in `path`. What happens goes to stderr.
 */
export async function saveRun(
  run: SavableRun,
  path: string,
  metrics: RunResult['metrics'],
): Promise<boolean> {
  const fingerprint = await fingerprintOf(run.request.dataset);
  const pieces = await encodeRun(run, { fingerprint, metrics });
  if (await write(pieces, path)) return true;
  const folder = await mkdtemp(join(tmpdir(), 'dimmer-')).catch(() => undefined);
  if (folder !== undefined) await write(pieces, join(folder, basename(path)));
  return false;
}

async function write(pieces: readonly Uint8Array[], path: string): Promise<boolean> {
  try {
    const sizeBytes = await writeWhole(path, pieces);
    process.stderr.write(`Saved ${writeBytes(sizeBytes)} to ${path}.\n`);
    return true;
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    process.stderr.write(`${error.message}\n${error.remedy}\n`);
    return false;
  }
}
