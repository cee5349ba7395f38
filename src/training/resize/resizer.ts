import { BackendError } from '../../backend/backend.ts';
import { allocateWithin } from '../../compression/allocateWithin.ts';
import { AllocationError } from '../../compression/errors.ts';
import type { Allocation } from '../../compression/allocation.ts';
import { methods } from '../../compression/methods.ts';
import type { BlockEnergies } from '../../compression/method.ts';
import { type CarriedState, readState, writeState } from './carriedState.ts';
import { TrainingError } from '../errors.ts';
import { refitModel } from './refitModel.ts';
import type { RunParts } from '../loop/run.ts';
import type { SizeChange, SizeChanges } from './sizeChanges.ts';
import { popularityFactors } from '../spectrum/spectra.ts';

/** A run's size: what prepares it again. */
export type RunSize = Pick<RunParts, 'settings' | 'allocation'>;

/** Prepares a run of another size on the same data and device. Throws TrainingError, BackendError. */
export type PrepareSize = (size: RunSize) => Promise<RunParts>;

export interface SizeOutcome {
  /** What the run goes on with: it has learnt what the parts before had, or as much of it as there is room for. */
  readonly parts: RunParts;
  /** Share of Σ_fields E‖e‖² that the vectors lost. */
  readonly lostEnergy: number;
  /** Why nothing was changed. */
  readonly refused?: TrainingError;
}

/** Bytes of the states that undo can bring back, at most; the last one is always kept. */
const HISTORY_BYTES = 2 ** 29;

/**
 * Changes the size of a run between two steps. The execution of one size is freed before that of the next is allocated:
 * what it has learnt waits in this thread's memory meanwhile, and afterwards for undo.
 */
export class Resizer {
  readonly #changes: SizeChanges;
  readonly #prepare: PrepareSize;
  /** Of the warm-up, where it chose the dims. */
  readonly #spectra: readonly BlockEnergies[] | undefined;
  readonly #history: { readonly size: RunSize; readonly state: CarriedState }[] = [];

  constructor(changes: SizeChanges, prepare: PrepareSize, spectra?: readonly BlockEnergies[]) {
    this.#spectra = spectra;
    this.#changes = changes;
    this.#prepare = prepare;
  }

  /** The step after which a change is due. */
  nextStep(): number {
    return this.#changes.nextStep();
  }

  /** Makes the change that is due. The execution of `parts` is gone if the outcome has others. Rejects with BackendError. */
  async makeChange(parts: RunParts): Promise<(SizeOutcome & { readonly change: SizeChange }) | undefined> {
    const change = this.#changes.take();
    if (!change) return undefined;
    const outcome = await (change.kind === 'undo' ? this.#undo(parts) : this.#resize(parts, change));
    return { ...outcome, change };
  }

  async #resize(
    parts: RunParts,
    change: Extract<SizeChange, { readonly kind: 'resize' }>,
  ): Promise<SizeOutcome> {
    let size: RunSize;
    try {
      size = sizeAfter(parts, change, this.#spectra);
    } catch (error) {
      return refuse(parts, error);
    }
    const { program, allocation, dataset } = parts;
    const state = await readState(parts.execution, program);
    const outcome = await this.#replace(parts, state, size);
    if (outcome.refused) return outcome;
    const next = outcome.parts;
    const fresh = await readState(next.execution, next.program);
    const rowFactors = dataset.fields.map(({ counts }) => popularityFactors(counts));
    const lostEnergy = refitModel(
      { program, allocation, state },
      { program: next.program, allocation: next.allocation, state: fresh },
      rowFactors,
    );
    writeState(next.execution, next.program, fresh);
    this.#history.push({ size: { settings: parts.settings, allocation }, state });
    this.#forget();
    return { parts: next, lostEnergy };
  }

  async #undo(parts: RunParts): Promise<SizeOutcome> {
    const last = this.#history.at(-1);
    if (!last) return refuse(parts, new TrainingError('No resize is left to undo.', 'Train on.'));
    const state = await readState(parts.execution, parts.program);
    const outcome = await this.#replace(parts, state, last.size);
    if (outcome.refused) return outcome;
    writeState(outcome.parts.execution, outcome.parts.program, last.state);
    this.#history.pop();
    return outcome;
  }

  /** Another execution in place of this one, or this one again as it was. */
  async #replace(parts: RunParts, state: CarriedState, size: RunSize): Promise<SizeOutcome> {
    parts.execution.destroy();
    try {
      return { parts: await this.#prepare(size), lostEnergy: 0 };
    } catch (error) {
      if (error instanceof BackendError && error.failure === 'lost') throw error;
      const again = await this.#prepare(parts);
      writeState(again.execution, again.program, state);
      return refuse(again, error);
    }
  }

  #forget(): void {
    let bytes = 0;
    for (let i = this.#history.length - 1; i >= 0; i--) {
      for (const { byteLength } of this.#history[i].state.values()) bytes += byteLength;
      if (bytes > HISTORY_BYTES && i < this.#history.length - 1) {
        this.#history.splice(0, i + 1);
        return;
      }
    }
  }
}

/** Throws TrainingError, AllocationError. */
function sizeAfter(
  { settings, allocation, dataset }: RunParts,
  { budget, alpha = settings.alpha }: Extract<SizeChange, { readonly kind: 'resize' }>,
  spectra: readonly BlockEnergies[] | undefined,
): RunSize {
  const next = { ...settings, budget, alpha };
  checkResizable(allocation);
  const request = { ...next, spectra };
  return { settings: next, allocation: allocateWithin(dataset.fields, request, allocation.baseDim) };
}

/** Where ids share what is stored, no vectors of single ids are there to be fitted again. */
function checkResizable({ method, fields }: Allocation): void {
  if (fields.every(({ kind }) => kind === 'blocks')) return;
  throw new TrainingError(
    `A run of ${methods[method].label} cannot change its size: its vectors are not rows of their own, times a projection.`,
    'Start a new run at that budget, or train uniform, low rank or mixed dimension.',
  );
}

function refuse(parts: RunParts, error: unknown): SizeOutcome {
  if (error instanceof TrainingError) return { parts, lostEnergy: 0, refused: error };
  if (error instanceof AllocationError || error instanceof BackendError)
    return { parts, lostEnergy: 0, refused: new TrainingError(error.message, error.remedy) };
  throw error;
}
