import { atOnce, GivenUp, type Pace } from '../../pieces/pieces.ts';
import { BackendError } from '../../backend/backend.ts';
import { checkResizable, decideDims } from '../../compression/decideDims.ts';
import type { MadeChanges, SizedState } from '../checkpoint/checkpoint.ts';
import { AllocationError } from '../../compression/errors.ts';
import { TrainingError } from '../events/errors.ts';
import { planSize, type RunPlan, type RunRequest, type RunSize } from '../plan/planRun.ts';
import { type PreparedRun, prepareRun, prepareSize } from '../plan/prepareRun.ts';
import { allPopularityFactors } from '../spectrum/measureField.ts';
import { bytesOf, type CarriedState, readState, writeState } from '../weights/modelState.ts';
import { refittingModel } from './refitModel.ts';
import type { SizeChange, SizeChanges } from './sizeChanges.ts';

export interface SizeOutcome {
  /** The run that goes on. It has learnt what the run before had, as far as there is room for it. */
  readonly run: PreparedRun;
  /** What the vectors lost, as a share of Σ_fields E‖e‖². */
  readonly lostEnergy: number;
  /** Why nothing was changed. */
  readonly refused?: TrainingError;
}

/** Most bytes of states that are kept for undo. The last one is always kept. */
const HISTORY_BYTES = 2 ** 29;

/**
 * Changes the size of a run between two steps. The execution of one size is freed before the next is allocated. What it has learnt
 * is kept in this thread's memory meanwhile, and afterwards for undo.
 */
export class Resizer {
  readonly #changes: SizeChanges;
  readonly #request: RunRequest;
  readonly #history: SizedState[];
  #taken: number;

  /** `request`: that of the run. Its data and device stay the same at every size. `before`: the changes of its earlier part. */
  constructor(changes: SizeChanges, request: RunRequest, before: MadeChanges = { taken: 0, history: [] }) {
    this.#changes = changes;
    this.#request = request;
    this.#history = [...before.history];
    this.#taken = before.taken;
    changes.goTo(before.taken);
  }

  /** The changes that were made or refused so far. */
  get made(): MadeChanges {
    return { taken: this.#taken, history: [...this.#history] };
  }

  /** The step after which a change is due. */
  nextStep(): number {
    return this.#changes.nextStep();
  }

  /**
   * Makes the change that is due, if one is. If the outcome has another run, the execution of `run` is destroyed. Rejects with
   * BackendError, and with GivenUp; then no run is left.
   */
  async makeChange(
    run: PreparedRun,
    pace: Pace = atOnce,
  ): Promise<(SizeOutcome & { readonly change: SizeChange }) | undefined> {
    const change = this.#changes.take();
    if (!change) return undefined;
    const outcome = await (change.kind === 'undo' ? this.#undo(run, pace) : this.#resize(run, change, pace));
    this.#taken++;
    return { ...outcome, change };
  }

  async #resize(
    run: PreparedRun,
    change: Extract<SizeChange, { readonly kind: 'resize' }>,
    pace: Pace,
  ): Promise<SizeOutcome> {
    let size: RunSize;
    try {
      size = this.#sizeAfter(run, change);
    } catch (error) {
      return refuse(run, error);
    }
    const { program, allocation } = run;
    const state = await readState(run.execution, program, pace);
    const outcome = await this.#replace(run, state, size, pace);
    if (outcome.refused) return outcome;
    const next = outcome.run;
    const lostEnergy = await orDestroy(next, async () => {
      const fresh = await readState(next.execution, next.program, pace);
      const rowFactors = await allPopularityFactors(this.#request.dataset.fields, pace);
      const before = { program, allocation, state };
      const after = { program: next.program, allocation: next.allocation, state: fresh };
      const lost = await pace.work(refittingModel(before, after, rowFactors));
      await writeState(next.execution, next.program, fresh, pace);
      return lost;
    });
    this.#history.push({ size: { settings: run.settings, allocation }, state });
    this.#forget();
    return { run: next, lostEnergy };
  }

  async #undo(run: PreparedRun, pace: Pace): Promise<SizeOutcome> {
    const last = this.#history.at(-1);
    if (!last) return refuse(run, new TrainingError('No resize is left to undo.', 'Train on.'));
    const state = await readState(run.execution, run.program, pace);
    const outcome = await this.#replace(run, state, last.size, pace);
    const { run: next, refused } = outcome;
    if (refused) return outcome;
    await orDestroy(next, () => writeState(next.execution, next.program, last.state, pace));
    this.#history.pop();
    return outcome;
  }

  /** Prepares a run of another size in place of this one. If that fails, prepares this one again as it was. */
  async #replace(run: PreparedRun, state: CarriedState, size: RunSize, pace: Pace): Promise<SizeOutcome> {
    let plan: RunPlan;
    try {
      plan = planSize(this.#requestBeside(state), size);
    } catch (error) {
      return refuse(run, error);
    }
    run.execution.destroy();
    try {
      return { run: await prepareRun({ ...plan, request: this.#request }, pace), lostEnergy: 0 };
    } catch (error) {
      if (error instanceof GivenUp || (error instanceof BackendError && error.failure === 'lost'))
        throw error;
      const again = await prepareSize(this.#request, run, pace);
      await orDestroy(again, () => writeState(again.execution, again.program, state, pace));
      return refuse(again, error);
    }
  }

  /** The request with the memory that is left beside this state, as large a fresh one, and those that are kept for undo. */
  #requestBeside(state: CarriedState): RunRequest {
    const { memory } = this.#request;
    if (!memory) return this.#request;
    const kept = this.#history.reduce((sum, { state: own }) => sum + bytesOf(own), 0);
    const totalBytes = memory.totalBytes - 2 * bytesOf(state) - kept;
    return { ...this.#request, memory: { ...memory, totalBytes } };
  }

  #forget(): void {
    let bytes = 0;
    for (let i = this.#history.length - 1; i >= 0; i--) {
      bytes += bytesOf(this.#history[i].state);
      if (bytes > HISTORY_BYTES && i < this.#history.length - 1) {
        this.#history.splice(0, i + 1);
        return;
      }
    }
  }

  /** Throws AllocationError. */
  #sizeAfter(
    { settings, allocation }: PreparedRun,
    { budget, alpha = settings.alpha }: Extract<SizeChange, { readonly kind: 'resize' }>,
  ): RunSize {
    const next = { ...settings, budget, alpha };
    checkResizable(allocation);
    const { dataset, spectra } = this.#request;
    const context = { spectra, runningDim: allocation.baseDim };
    return { settings: next, allocation: decideDims(dataset, next, context) };
  }
}

/** Frees the run that is being filled if that fails, or if it is given up. */
async function orDestroy<T>({ execution }: PreparedRun, fill: () => Promise<T>): Promise<T> {
  try {
    return await fill();
  } catch (error) {
    execution.destroy();
    throw error;
  }
}

function refuse(run: PreparedRun, error: unknown): SizeOutcome {
  if (error instanceof TrainingError) return { run, lostEnergy: 0, refused: error };
  if (error instanceof AllocationError || error instanceof BackendError)
    return { run, lostEnergy: 0, refused: new TrainingError(error.message, error.remedy) };
  throw error;
}
