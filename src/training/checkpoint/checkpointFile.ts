import * as v from 'valibot';
import { checkShape, count } from '../../validation/shape.ts';
import { TrainingError } from '../events/errors.ts';
import { settingsShape } from '../events/shapes.ts';
import type { CarriedState } from '../weights/modelState.ts';
import {
  encodeTensors,
  ofModels,
  openTensors,
  type StoredTensor,
  type TensorFile,
} from '../weights/safetensors.ts';
import type { Checkpoint, MadeChanges } from './checkpoint.ts';

const FORMAT = 'dimmer-checkpoint-1';

/** What its owner must know to go on with a run, beside the run itself. */
export interface CheckpointOwner {
  /** The id of the run on the page; null: it has none. */
  readonly runId: string | null;
  readonly data: { readonly name: string; readonly fingerprint: string };
  /** Written as it is and given back: the arguments of a command line, for example. */
  readonly note: string;
}

/** An open checkpoint file. */
export interface SavedCheckpoint {
  readonly owner: CheckpointOwner;
  /** Grows with every checkpoint of a run. */
  readonly step: number;
  /** Rejects with TrainingError if any byte of it is not as it was written. */
  read(): Promise<Checkpoint>;
}

/** What is written as JSON: everything but tensors. */
interface Description {
  readonly owner: CheckpointOwner;
  readonly checkpoint: Omit<Checkpoint, 'losses' | 'state' | 'best' | 'changes'> & {
    readonly hasBest: boolean;
    readonly changes: Pick<MadeChanges, 'taken'> & {
      readonly history: readonly Pick<MadeChanges['history'][number], 'size'>[];
    };
  };
}

type ModelTensors = TensorFile<Float32Array | Uint32Array>;

const sizeShape = v.looseObject({ settings: settingsShape, allocation: v.looseObject({}) });

/** What the parts of a description are that others are found by. Its checksum stands for the rest. */
const descriptionShape = v.looseObject({
  owner: v.looseObject({
    runId: v.nullable(v.string()),
    data: v.looseObject({ name: v.string(), fingerprint: v.string() }),
    note: v.string(),
  }),
  checkpoint: v.looseObject({
    asked: settingsShape,
    size: sizeShape,
    position: v.looseObject({ step: count, totalSteps: count }),
    hasBest: v.boolean(),
    changes: v.looseObject({ taken: count, history: v.array(v.looseObject({ size: sizeShape })) }),
  }),
});

/** The prefixes of the names of tensors, by what they belong to. */
const LOSSES = 'losses';
const STATE = 'state/';
const BEST = 'best/';
const beforeChange = (index: number): string => `before-change-${index}/`;

/** Encodes a checkpoint as a safetensors file. Returns its pieces in order. */
export async function encodeCheckpoint(
  checkpoint: Checkpoint,
  owner: CheckpointOwner,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const { losses, state, best, changes, ...rest } = checkpoint;
  const { taken, history } = changes;
  const sizes = history.map(({ size }) => ({ size }));
  const description: Description = {
    owner,
    checkpoint: { ...rest, hasBest: best !== undefined, changes: { taken, history: sizes } },
  };
  const tensors: StoredTensor[] = [
    { name: LOSSES, shape: [losses.length], values: losses },
    ...tensorsOf(STATE, state),
    ...tensorsOf(BEST, best ?? new Map()),
    ...history.flatMap((before, i) => tensorsOf(beforeChange(i), before.state)),
  ];
  return encodeTensors(tensors, { format: FORMAT, checkpoint: JSON.stringify(description, toJson) });
}

/** Reads the header. Rejects with TrainingError for a file that encodeCheckpoint did not write. */
export async function openCheckpoint(file: Blob): Promise<SavedCheckpoint> {
  const tensors = ofModels(await openTensors(file));
  if (tensors.metadata.get('format') !== FORMAT || !tensors.isChecksummed)
    throw notUsable('it is of another version of Dimmer, or was never one');
  const { owner, checkpoint } = readDescription(tensors.metadata.get('checkpoint') ?? '');
  return {
    owner,
    step: checkpoint.position.step,
    async read() {
      const { hasBest, changes, ...rest } = checkpoint;
      const history = [];
      for (const [i, { size }] of changes.history.entries())
        history.push({ size, state: await readState(tensors, beforeChange(i)) });
      return {
        ...rest,
        losses: (await tensors.read(LOSSES)).values as Float32Array,
        state: await readState(tensors, STATE),
        best: hasBest ? await readState(tensors, BEST) : undefined,
        changes: { taken: changes.taken, history },
      };
    },
  };
}

/**
 * The last checkpoint of a run among the files that it was written to in turn, one of which may be torn or of no use. undefined: none
 * is whole.
 */
export async function findLastCheckpoint(files: readonly Blob[]): Promise<FoundCheckpoint | undefined> {
  const opened = await Promise.all(
    files.map((file) =>
      openCheckpoint(file).then(
        (saved) => ({ file, saved }),
        () => undefined,
      ),
    ),
  );
  const whole = opened.filter((found) => found !== undefined);
  for (const { file, saved } of whole.toSorted((a, b) => b.saved.step - a.saved.step)) {
    const checkpoint = await saved.read().catch(() => undefined);
    if (checkpoint) return { file, owner: saved.owner, checkpoint };
  }
  return undefined;
}

function readDescription(json: string): Description {
  let description: unknown;
  try {
    description = JSON.parse(json, fromJson);
  } catch {
    throw notUsable('its description is no JSON');
  }
  return checkShape(descriptionShape, description, notUsable) as unknown as Description;
}

/** `problem` is a clause that says what is wrong. */
function notUsable(problem: string): TrainingError {
  return new TrainingError(
    `The checkpoint cannot be used: ${problem}.`,
    'Start the run again, or go on with it in the version that wrote the file.',
  );
}

export interface FoundCheckpoint {
  readonly file: Blob;
  readonly owner: CheckpointOwner;
  readonly checkpoint: Checkpoint;
}

function tensorsOf(prefix: string, state: CarriedState): StoredTensor[] {
  return Array.from(state, ([name, values]) => ({ name: prefix + name, shape: [values.length], values }));
}

async function readState(tensors: ModelTensors, prefix: string): Promise<CarriedState> {
  const state = new Map<string, StoredTensor['values']>();
  for (const name of tensors.entries.keys())
    if (name.startsWith(prefix)) state.set(name.slice(prefix.length), (await tensors.read(name)).values);
  return state;
}

/** JSON knows no NaN: the AUC of a split with one class is one. */
const notFinite = 'number';

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return { [notFinite]: String(value) };
  return value instanceof Float64Array ? [...value] : value;
}

function fromJson(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(notFinite in value)) return value;
  return Number(value[notFinite]);
}
