import type { Task } from '../data/dataset.ts';
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
  readonly task: Task;
  readonly fields: readonly FieldStatistics[];
}

/** What dims depend on beside data and settings. */
export interface DimsContext {
  /** Of a warm-up with these settings. */
  readonly spectra?: readonly BlockEnergies[] | undefined;
  /** D of a run that goes on at this size with what it has learnt: its vectors never get shorter. undefined: a new run. */
  readonly runningDim?: number | undefined;
}

/** The cap in use: the setting's, or the one for the data. Parameters. */
export function budgetOf(settings: Settings, { task, fields }: SizedData): number {
  return settings.budget ?? defaultBudget(task, fields, settings);
}

/**
 * The one decision of dims: of what is drawn before a run, of the run, of its resizes, and of the command line. Pure.
 * Throws AllocationError, BudgetTooSmallError.
 */
export function decideDims(
  data: SizedData,
  settings: Settings,
  { spectra, runningDim }: DimsContext = {},
): Allocation {
  const request = { ...settings, budget: budgetOf(settings, data), spectra };
  const fresh = allocate(data.fields, request);
  if (runningDim === undefined) return fresh;
  checkResizable(fresh);
  return fresh.baseDim >= runningDim ? fresh : allocateWithin(data.fields, request, runningDim);
}

/** Where ids share what is stored, no vectors of single ids are there to be fitted again. */
export function checkResizable({ method, fields }: Pick<Allocation, 'method' | 'fields'>): void {
  if (fields.every(({ kind }) => kind === 'blocks')) return;
  throw new AllocationError(
    `A run of ${methods[method].label} cannot change its size: its vectors are not rows of their own, times a projection.`,
    'Start a new run at that budget, or train uniform, low rank or mixed dimension.',
  );
}
