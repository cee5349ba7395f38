import { decideDims, type SizedData } from '../compression/decideDims.ts';
import { type AskedBudget, parseBudget } from '../comparison/askedBudgets.ts';
import { AllocationError } from '../compression/errors.ts';
import { readCount } from '../quantities/quantities.ts';
import { parseSetting } from '../settings/parseSetting.ts';
import type { RunResult, TrainingEvent } from '../training/events/events.ts';
import type { PlannedResize } from '../training/resize/sizeChanges.ts';
import { excerpt } from '../validation/excerpt.ts';
import { UsageError } from './usage.ts';

/** A budget that a run goes over to after a step. */
export interface AskedResize {
  readonly step: number;
  readonly budget: AskedBudget;
}

/** Reads 300:30k,600:1/8. Throws UsageError; SettingError for a budget that no run can have. */
export function parseResizes(text: string): readonly AskedResize[] {
  const resizes = text.split(',').map((part) => {
    const [, before, budget] = /^([^:]{1,15}):(.+)$/.exec(part.trim()) ?? [];
    const step = readCount(before ?? '');
    if (!Number.isInteger(step)) throw refuse(part);
    return { step, budget: parseBudget(budget) };
  });
  const twice = resizes.find(({ step }, i) => resizes.findIndex((other) => other.step === step) < i);
  if (twice) throw new UsageError(`two budgets are given for step ${twice.step}`, 'Leave one of them out.');
  return resizes.toSorted((a, b) => a.step - b.step);
}

/** Reads 30000,15k. Throws UsageError; SettingError for a budget that no run can have. */
export function parseBudgets(text: string): readonly number[] {
  return text.split(',').map((part) => {
    const budget = parseSetting('budget', part);
    if (budget === null) throw refuse(part);
    return budget;
  });
}

function refuse(part: string): UsageError {
  return new UsageError(
    `“${excerpt(part)}” is not of that form`,
    'Give numbers of parameters, as 300:30000,600:60k or 30000,15k, or for --resize-at shares, as 300:1/8.',
  );
}

/** Throws UsageError, before anything is trained, for a resize after the end of the run or to a budget that it cannot take. */
export function checkResizes(
  resizes: readonly PlannedResize[],
  { settings, allocation, spectra, totalSteps }: Extract<TrainingEvent, { kind: 'started' }>,
  data: SizedData,
): void {
  let runningDim = allocation.baseDim;
  for (const { step, budget } of resizes) {
    const what = `--resize-at ${step}:${budget}`;
    if (step >= totalSteps)
      throw new UsageError(
        `${what}: the run has ${totalSteps} steps at most.`,
        'Give an earlier step, or more --epochs.',
      );
    try {
      runningDim = decideDims(data, { ...settings, budget }, { spectra, runningDim }).baseDim;
    } catch (error) {
      if (error instanceof AllocationError) throw new UsageError(`${what}: ${error.message}`, error.remedy);
      throw error;
    }
  }
}

/** Says which resizes a run ended before. */
export function sayNotReached(resizes: readonly PlannedResize[], { steps }: RunResult): void {
  const missed = resizes.filter(({ step }) => step >= steps).map(({ step, budget }) => `${step}:${budget}`);
  if (missed.length > 0)
    process.stderr.write(`The run ended after step ${steps}, before --resize-at ${missed.join()}.\n`);
}
