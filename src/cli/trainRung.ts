import { fingerprintOf } from '../data/fingerprint.ts';
import { lowestSoFar, StopAtStep } from '../training/checkpoint/stopAtStep.ts';
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
  const end = new StopAtStep(untilStep, REPLACED);
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
  const line = { ...resultLine(result), ...(kept && { validation: lowestSoFar(kept) }) };
  const fingerprint = await fingerprintOf(dataset);
  return { ...line, askedBudget: asked.text, fromStep: from?.position.step ?? 0, fingerprint, key };
}
