import { defaultBudget } from '../settings/defaultBudget.ts';
import type { Settings } from '../settings/settings.ts';
import { allocate } from './allocate.ts';
import { allocateWithin } from './allocateWithin.ts';
import type { Allocation, FieldStatistics } from './allocation.ts';
import { AllocationError } from './errors.ts';
import { methods } from './methods.ts';
import type { BlockEnergies } from './method.ts';

/** The data as far as dims depend on it. A Dataset and its summary are one. */
export interface SizedData {
  readonly task: 'click' | 'rating';
  readonly fields: readonly FieldStatistics[];
}

/** What a run that goes on at another size brings along. */
export interface RunningSize {
  readonly allocation: Pick<Allocation, 'method' | 'baseDim' | 'fields'>;
  /** Of its warm-up, where it had one. */
  readonly spectra?: readonly BlockEnergies[] | undefined;
}

/** The cap in use: the setting's, or the one for the data. Parameters. */
export function budgetOf(settings: Settings, { task, fields }: SizedData): number {
  return settings.budget ?? defaultBudget(task, fields, settings);
}

/**
 * The one decision of dims: of what is drawn before a run, of the run, of its resizes, and of the command line. Pure.
 * `spectra`: measured for these settings. `running`: the run that goes on at this size with what it has learnt, whose vectors never get
 * shorter. Throws AllocationError, BudgetTooSmallError.
 */
export function decideDims(
  data: SizedData,
  settings: Settings,
  {
    spectra,
    running,
  }: {
    readonly spectra?: readonly BlockEnergies[] | undefined;
    readonly running?: RunningSize | undefined;
  } = {},
): Allocation {
  const budget = budgetOf(settings, data);
  if (!running) return allocate(data.fields, { ...settings, budget, spectra });
  checkResizable(running.allocation);
  const request = { ...settings, budget, spectra: running.spectra };
  return allocateWithin(data.fields, request, running.allocation.baseDim);
}

/** Where ids share what is stored, no vectors of single ids are there to be fitted again. */
function checkResizable({ method, fields }: RunningSize['allocation']): void {
  if (fields.every(({ kind }) => kind === 'blocks')) return;
  throw new AllocationError(
    `A run of ${methods[method].label} cannot change its size: its vectors are not rows of their own, times a projection.`,
    'Start a new run at that budget, or train uniform, low rank or mixed dimension.',
  );
}
