import { atOnce, type Pace } from '../../pieces/pieces.ts';
import type { Backend, DeviceData, Execution } from '../../backend/backend.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { EncodedLines } from '../../data/encodeLines.ts';
import { hasBiases } from '../../model/model.ts';
import { placeFields } from '../../model/placeFields.ts';
import { evaluationProgram } from '../../program/evaluationProgram.ts';
import type { Program, Step } from '../../program/program.ts';
import type { BatchLayout } from '../batches/batchLayout.ts';
import { layOutWindows } from '../batches/windows.ts';
import { TrainingError } from '../events/errors.ts';
import type { ResolvedSettings } from '../events/events.ts';
import { approximate, exactProgram } from '../plan/buildProgram.ts';
import { blankSignatures } from '../plan/signatures.ts';
import type { SavedRun } from '../weights/runFile.ts';
import { loadParameters } from '../weights/savedParameters.ts';
import { allocationOf } from '../weights/storedAllocation.ts';

/** Most lines whose ids wait on the device to be scored, rounded down to whole batches. */
const WAITING_LINES = 2 ** 14;

/** The model of a run file on a device, without anything that only training needs. Whoever opens it destroys it. */
export class Scorer {
  readonly #program: Program;
  readonly #data: DeviceData;
  readonly #execution: Execution;
  readonly #slots: number;
  readonly #firstSlot: number;

  /**
   * Allocates the model and reads its weights. Rejects with TrainingError for a file whose tensors are not those of its settings, with
   * BackendError, and with GivenUp by `pace`.
   */
  static async open(saved: SavedRun, backend: Backend, pace: Pace = atOnce): Promise<Scorer> {
    const { settings } = saved.run;
    const slots = Math.max(1, Math.floor(WAITING_LINES / settings.batch));
    const layout: BatchLayout = {
      batch: settings.batch,
      negatives: 0,
      batches: { train: 1, validation: 0, test: slots },
      windows: layOutWindows({ start: 0, count: settings.batch }, settings.batch),
      resident: false,
      trainSlots: 1,
      dataSlots: 1 + slots,
    };
    const whole = buildSaved(saved, layout);
    const load = loadParameters(saved, whole);
    const program = evaluationProgram(whole);
    const { ids, numbers, labels, rowIndex } = program.data;
    const { occurrences, starts, long } = rowIndex;
    const data = backend.createData([ids, ...(numbers ? [numbers] : []), labels, occurrences, starts, long]);
    let execution: Execution | undefined;
    try {
      execution = await backend.prepare(program, data, settings.seed, pace);
      await load(execution, program, pace);
      return new Scorer(program, data, execution, layout);
    } catch (error) {
      execution?.destroy();
      data.destroy();
      throw error;
    }
  }

  private constructor(program: Program, data: DeviceData, execution: Execution, layout: BatchLayout) {
    this.#program = program;
    this.#data = data;
    this.#execution = execution;
    this.#firstSlot = layout.trainSlots;
    this.#slots = Math.min(layout.dataSlots - layout.trainSlots, program.predictions.shape[0]);
  }

  /** Lines that are scored together, at most. */
  get capacity(): number {
    return this.#slots * this.#program.batch;
  }

  /** Logits of clicks, or ratings: the bits of an evaluation on the same device. [count]. Rejects with BackendError. */
  async score({
    ids,
    numbers,
    count,
  }: Pick<EncodedLines, 'ids' | 'numbers' | 'count'>): Promise<Float32Array> {
    const { batch, data, predictions } = this.#program;
    this.#upload(data.ids.name, ids, data.ids.shape[2], count);
    if (data.numbers) this.#upload(data.numbers.name, numbers, data.numbers.shape[2], count);
    const steps = Array.from({ length: Math.ceil(count / batch) }, (_, slot): Step => ({
      slot: this.#firstSlot + slot,
      count: Math.min(batch, count - slot * batch),
      segments: 0,
      longSegments: 0,
      learningRate: 0,
      step: 1,
      metricSlot: slot,
    }));
    this.#execution.run('evaluate', steps);
    return (await this.#execution.read(predictions, 0, count)) as Float32Array;
  }

  /** The rest of a partial batch is filled with zeros, as in training. `values` [capacity, width]. */
  #upload(name: string, values: Uint32Array | Float32Array, width: number, count: number): void {
    const { batch } = this.#program;
    const end = Math.ceil(count / batch) * batch;
    const whole = values.slice(0, end * width);
    whole.fill(0, count * width);
    this.#data.write(name, this.#firstSlot * batch * width, whole);
  }

  destroy(): void {
    this.#execution.destroy();
    this.#data.destroy();
  }
}

/** The program of a run file. Throws TrainingError. */
function buildSaved({ run }: SavedRun, layout: BatchLayout): Program {
  const { settings, data, storage } = run;
  const { encoding } = data;
  const open = findOpenSetting(settings);
  if (open !== undefined)
    throw new TrainingError(
      `The model cannot be built: its file leaves ${open} open.`,
      'Use the version of Dimmer that saved it, or train the run again.',
    );
  if (!storage || !encoding)
    throw new TrainingError(
      'The file was saved by a version that did not keep all of the model.',
      'Train the run again with this version, and save it.',
    );
  const fields = data.fields.map(({ name, cardinality }, field) => ({
    name,
    cardinality,
    counts: new Uint32Array(0),
    rareId: encoding.rareIds[field],
  }));
  const dataset: Pick<Dataset, 'task' | 'fields' | 'numericColumns' | 'labelMean'> = {
    task: encoding.task,
    fields,
    numericColumns: encoding.numericColumns,
    labelMean: data.labelMean,
  };
  const allocation = allocationOf(run.allocation, storage);
  const cardinalities = fields.map(({ cardinality }) => cardinality);
  const placement = placeFields(allocation, cardinalities, settings.tableInit, hasBiases(settings.model));
  const regression = data.labelScale ?? undefined;
  const source = { settings, dataset, regression, allocation, placement, layout };
  return approximate(exactProgram(source, blankSignatures(allocation, dataset)), settings);
}

/** Settings that a trained model may leave open: see ResolvedSettings. */
const solved: ReadonlySet<string> = new Set(['collisions', 'hotShare', 'hiddenWidth', 'rank', 'trainMemory']);

function findOpenSetting(settings: ResolvedSettings): string | undefined {
  return Object.entries(settings).find(([name, value]) => value === null && !solved.has(name))?.[0];
}
