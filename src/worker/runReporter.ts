import { type Pace, rangesOf } from '../pieces/pieces.ts';
import type { RunResult, TrainingEvent } from '../training/events/events.ts';
import type { PreparedRun } from '../training/plan/prepareRun.ts';
import { encodeRun, type SavableRun } from '../training/weights/runFile.ts';

type Progress = Extract<TrainingEvent, { kind: 'progress' }>;
type WarmUp = Extract<TrainingEvent, { kind: 'warming-up' }>;

/** A message for every slice would keep the page busy. So progress is posted at most 10 times a second. */
const INTERVAL_MS = 100;
/** Larger models are not handed to the page, because it keeps several. */
const LARGEST_FILE_BYTES = 2 ** 28;
/** The page keeps the predictions of many runs: of large test splits those of the first examples. */
const KEPT_PREDICTIONS = 2 ** 20;

/**
 * Posts the events of one run in their order. Progress events that come within INTERVAL_MS are joined into one; of those of a warm-up
 * only the last is posted. An event that reports a trained model is posted with its run file. This is a Blob: the browser holds its
 * bytes, and the page can store it or send it back without reading them.
 */
export class RunReporter {
  readonly #post: (event: TrainingEvent, file?: Blob) => void;
  #file: Blob | undefined;
  #held: Progress[] = [];
  #warmUp: WarmUp | undefined;
  #postedMs = -Infinity;

  constructor(post: (event: TrainingEvent, file?: Blob) => void) {
    this.#post = post;
  }

  /** Makes the run file of a trained model and keeps it for the event that will report the model. */
  readonly keepModel = async (run: PreparedRun, pace: Pace, metrics: RunResult['metrics']): Promise<void> => {
    this.#file = undefined;
    if (run.execution.allocatedBytes.parameter > LARGEST_FILE_BYTES) return;
    this.#file = await blobOf(await encodeRun(withoutNames(run), { metrics }, pace), pace);
  };

  add(event: TrainingEvent): void {
    if (event.kind === 'warming-up') this.#warmUp = event;
    else if (event.kind === 'progress') this.#held.push(event);
    else {
      this.flush();
      const tellsOfModel = event.kind === 'finished' || event.kind === 'compressed';
      this.#post(withFewerPredictions(event), tellsOfModel ? this.#file : undefined);
      if (tellsOfModel) this.#file = undefined;
      return;
    }
    if (performance.now() - this.#postedMs >= INTERVAL_MS) this.flush();
  }

  flush(): void {
    if (this.#warmUp) this.#post(this.#warmUp);
    if (this.#held.length > 0) this.#post(joined(this.#held));
    this.#warmUp = undefined;
    this.#held = [];
    this.#postedMs = performance.now();
  }
}

function withFewerPredictions(event: TrainingEvent): TrainingEvent {
  if (event.kind !== 'finished' || !event.testPredictions) return event;
  return { ...event, testPredictions: event.testPredictions.slice(0, KEPT_PREDICTIONS) };
}

function joined(held: readonly Progress[]): Progress {
  const losses = new Float32Array(held.reduce((sum, event) => sum + event.losses.length, 0));
  const { firstStep } = held[0];
  for (const event of held) losses.set(event.losses, event.firstStep - firstStep);
  return { ...held.at(-1)!, firstStep, losses };
}

/** Bytes that are handed to the browser between two rests: a few milliseconds. */
const BLOB_BYTES = 2 ** 22;

/** Rejects with GivenUp. */
async function blobOf(pieces: readonly Uint8Array[], pace: Pace): Promise<Blob> {
  const parts: Blob[] = [];
  for (const piece of pieces)
    for (const { from, end } of rangesOf(piece.length, BLOB_BYTES)) {
      parts.push(new Blob([piece.subarray(from, end) as Uint8Array<ArrayBuffer>]));
      await pace.rest();
    }
  return new Blob(parts);
}

/** The page keeps many models of one data set, and their room would go to its names. */
function withoutNames(run: PreparedRun): SavableRun {
  const { dataset } = run.request;
  const fields = dataset.fields.map((field) => Object.assign({}, field, { names: undefined }));
  return { ...run, request: { dataset: { ...dataset, fields } } };
}
