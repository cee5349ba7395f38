import * as v from 'valibot';
import type { Pace } from '../../pieces/pieces.ts';
import type { DatasetInfo, Task, ValueNames } from '../../data/dataset.ts';
import type { DataReading } from '../../data/reading.ts';
import type { LabelScale } from '../../model/spec.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Program } from '../../program/program.ts';
import { disjointViews, elementCount, type Tensor } from '../../program/tensor.ts';
import { validateRunSettings } from '../../settings/settingsCodec.ts';
import { excerpt } from '../../validation/excerpt.ts';
import { parseJson } from '../../validation/json.ts';
import { checkShape, count, finite, oneOf } from '../../validation/shape.ts';
import { TrainingError } from '../events/errors.ts';
import type { AllocationSummary, ResolvedSettings, RunResult } from '../events/events.ts';
import { allocationShape, splitMetricsShape } from '../events/shapes.ts';
import { labelScaleOf } from '../plan/labelScale.ts';
import type { RunRequest } from '../plan/planRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { encodeTensors, ofModels, openTensors, type StoredTensor, type TensorFile } from './safetensors.ts';
import { summarise } from '../plan/describeRun.ts';
import { type AllocationStorage, findStorageProblem, storageOf, storageShape } from './storedAllocation.ts';
import { findReadingProblem, readingShape, transformShape } from './storedReading.ts';
import { isOfVocabulary, readVocabulary, vocabularyTensors } from './vocabulary.ts';
import { readTensor } from './transfer.ts';

/** Which tensors of a run file hold a block of rows of a field: see StoredBlock. */
export interface SavedBlock {
  readonly field: number;
  readonly firstId: number;
  readonly table: string;
  readonly projection: string | null;
}

/** How the lines of a file become ids, numbers and labels, as far as a data set knows it. */
export interface DataEncoding {
  /** An id of DatasetInfo.format. */
  readonly format: string;
  readonly task: Task;
  /** Numeric columns, with what the model sees of their numbers; missing ones are 0. */
  readonly numericColumns: DatasetInfo['numericColumns'];
  /** By field: the id of values that training saw fewer than minCount times, or never. */
  readonly rareIds: readonly number[];
  readonly minCount: number;
  /** How lines went to the splits. */
  readonly splitBy: string;
}

/** What a run file holds beside its tensors. */
export interface RunDescription {
  /** Of the program that saved it; null: of one before versions were kept. */
  readonly version: string | null;
  readonly settings: ResolvedSettings;
  readonly allocation: AllocationSummary;
  /** What the summary leaves out; null: the file was saved before this was kept. */
  readonly storage: AllocationStorage | null;
  /** Of the weights in the file; null: the file was saved before this was kept. */
  readonly metrics: RunResult['metrics'] | null;
  readonly data: {
    readonly name: string;
    readonly fields: readonly { readonly name: string; readonly cardinality: number }[];
    readonly labelMean: number;
    /** DLRM predicts mean + deviation·z of its last layer's z; null: clicks, or matrix factorisation. */
    readonly labelScale: LabelScale | null;
    /** A fingerprint of the examples; null: none was taken when the file was saved. */
    readonly fingerprint: string | null;
    /** How lines become examples; null: the file was saved before this was kept. */
    readonly encoding: DataEncoding | null;
    /** How lines were read; null: they were generated, or the file was saved before this was kept. */
    readonly reading: DataReading | null;
  };
  readonly blocks: readonly SavedBlock[];
}

/** As in package.json. */
const VERSION = '0.1.0';

const FORMAT = 'dimmer-run-2';
/** The same without checksums. */
const FORMAT_BEFORE = 'dimmer-run-1';

/** A run at its end, when the execution holds the best weights. */
export type SavableRun = Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'execution'> & {
  readonly request: Pick<RunRequest, 'dataset'>;
};

/** What a run file tells of a run that the run itself does not know. */
export interface SavedFacts {
  /** Of the examples; null: nobody needs it. */
  readonly fingerprint?: string | null;
  readonly metrics?: RunResult['metrics'];
}

/**
 * Encodes a safetensors file that holds every parameter of the model, named as in the program, and the names of the fields' values
 * where the data set has them: all that is needed to score another file. Returns its pieces in order. Rejects with GivenUp by `pace`,
 * and with BackendError.
 */
export async function encodeRun(
  { settings, allocation, program, execution, request }: SavableRun,
  { fingerprint = null, metrics }: SavedFacts = {},
  pace?: Pace,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const tensors: StoredTensor<Float32Array | Uint32Array | Uint8Array>[] = [];
  for (const tensor of parametersOf(program))
    tensors.push({
      name: tensor.name,
      shape: tensor.shape,
      values: await readTensor(execution, tensor, pace),
    });
  const { name, labelMean, fields, format, task, numericColumns, report, reading = null } = request.dataset;
  tensors.push(...vocabularyTensors(fields));
  const description: RunDescription = {
    version: VERSION,
    settings,
    allocation: summarise(allocation),
    storage: storageOf(allocation),
    metrics: metrics ?? null,
    data: {
      name,
      fields: fields.map(({ name, cardinality }) => ({ name, cardinality })),
      labelMean,
      labelScale: labelScaleOf(settings, request.dataset) ?? null,
      fingerprint,
      encoding: {
        format,
        task,
        numericColumns,
        rareIds: fields.map(({ rareId }) => rareId),
        minCount: report.minCount,
        splitBy: report.splitBy,
      },
      reading,
    },
    blocks: storedBlocks(program, allocation).map(({ field, firstId, table, projection }) => ({
      field,
      firstId,
      table: table.name,
      projection: projection?.name ?? null,
    })),
  };
  return encodeTensors(tensors, { format: FORMAT, run: JSON.stringify(description) }, pace);
}

/** An open run file, whose description fits its tensors. */
export interface SavedRun {
  readonly run: RunDescription;
  /** Reading one that holds NaN or infinity rejects with TrainingError. */
  readonly tensors: TensorFile<Float32Array | Uint32Array>;
  /** The names of a field's ids; undefined: the file was saved without. Rejects with TrainingError. */
  vocabulary(field: number): Promise<ValueNames | undefined>;
  /** Reads all of it once. Rejects with TrainingError where a tensor is damaged, or holds NaN or infinity; with GivenUp. */
  check(pace?: Pace): Promise<void>;
}

const descriptionShape = v.object({
  version: v.optional(v.nullable(v.string()), null),
  settings: v.unknown(),
  allocation: allocationShape,
  storage: v.optional(v.nullable(storageShape), null),
  metrics: v.optional(v.nullable(splitMetricsShape), null),
  data: v.object({
    name: v.string(),
    fields: v.array(v.object({ name: v.string(), cardinality: count })),
    labelMean: finite,
    labelScale: v.optional(v.nullable(v.object({ mean: finite, deviation: finite })), null),
    fingerprint: v.optional(v.nullable(v.string()), null),
    encoding: v.optional(
      v.nullable(
        v.object({
          format: v.string(),
          task: oneOf<Task>({ click: 0, rating: 0, ranking: 0 }),
          numericColumns: v.array(v.object({ name: v.string(), transform: transformShape })),
          rareIds: v.array(count),
          minCount: count,
          splitBy: v.string(),
        }),
      ),
      null,
    ),
    reading: v.optional(v.nullable(readingShape), null),
  }),
  blocks: v.array(
    v.object({ field: count, firstId: count, table: v.string(), projection: v.nullable(v.string()) }),
  ),
});

/** Rejects with TrainingError for a file that encodeRun did not write, or that is damaged. */
export async function openRun(file: Blob): Promise<SavedRun> {
  const tensors = await openTensors(file);
  const format = tensors.metadata.get('format');
  if (format !== FORMAT && format !== FORMAT_BEFORE)
    throw new TrainingError(
      'The file holds tensors, but no run of Dimmer.',
      'Give a file that train --save wrote.',
    );
  if (format === FORMAT && !tensors.isChecksummed) throw notUsable('its checksum is missing');
  const weights = ofModels(tensors, (name) => !isOfVocabulary(name));
  const described = readDescription(weights);
  // Fingerprints of the format before were computed otherwise, and would fit no data.
  const run =
    format === FORMAT ? described : { ...described, data: { ...described.data, fingerprint: null } };
  const read: SavedRun['tensors']['read'] = async (name, pace) => checkFinite(await weights.read(name, pace));
  const vocabulary = (field: number): Promise<ValueNames | undefined> =>
    readVocabulary(tensors, field, run.data.fields[field]);
  return {
    run,
    tensors: { ...weights, read },
    vocabulary,
    async check(pace) {
      for (const name of weights.entries.keys()) await read(name, pace);
      for (const field of run.data.fields.keys()) await vocabulary(field);
    },
  };
}

function readDescription({ metadata, entries }: Pick<TensorFile, 'metadata' | 'entries'>): RunDescription {
  const json = parseJson(metadata.get('run') ?? '', (problem) =>
    notUsable(`its description cannot be read: ${problem}`),
  );
  const { settings: stored, ...rest } = checkShape(descriptionShape, json, notUsable);
  const { settings, errors, unknown } = validateRunSettings(stored);
  if (errors.length > 0) throw notUsable(errors[0].message.replace(/\.$/, ''));
  if (unknown.length > 0) throw notUsable(`this version knows no setting “${excerpt(unknown[0])}”`);
  const run: RunDescription = { ...rest, settings: settings as ResolvedSettings };
  const { fields, encoding } = run.data;
  if (encoding && !fields.every(({ cardinality }, field) => encoding.rareIds[field] < cardinality))
    throw notUsable('its fields have no rows for rare values');
  checkBlocks(run, entries);
  const problem =
    (run.storage && findStorageProblem(run.storage, run.allocation, fields)) ??
    (run.data.reading && findReadingProblem(run.data.reading, fields, encoding?.numericColumns ?? []));
  if (problem) throw notUsable(problem);
  return run;
}

/** Every block lies in a field, beside the others of it, and its tensors are matrices that multiply. */
function checkBlocks({ blocks, data, allocation }: RunDescription, entries: TensorFile['entries']): void {
  const { baseDim } = allocation;
  const nextIds = data.fields.map(() => 0);
  for (const [i, { field, firstId, table, projection }] of blocks.entries()) {
    const cardinality = data.fields[field]?.cardinality ?? 0;
    const [rows, dim] = matrixOf(table);
    if (firstId < nextIds[field] || firstId + rows > cardinality)
      throw notUsable(`block ${i} has ids that its field has not, or another block has`);
    nextIds[field] = firstId + rows;
    if (projection === null && dim === baseDim) continue;
    const [from, to] = projection === null ? [] : matrixOf(projection);
    if (from !== dim || to !== baseDim)
      throw notUsable(`the vectors of block ${i} do not become vectors of ${baseDim} elements`);
  }

  function matrixOf(name: string): readonly number[] {
    const entry = entries.get(name);
    if (entry?.dtype === 'F32' && entry.shape.length === 2) return entry.shape;
    throw notUsable(`“${excerpt(name)}” is no matrix of floats`);
  }
}

function checkFinite<T extends StoredTensor>(tensor: T): T {
  const { name, values } = tensor;
  if (values instanceof Float32Array)
    for (let i = 0; i < values.length; i++)
      if (!Number.isFinite(values[i]))
        throw notUsable(`element ${i} of tensor “${excerpt(name)}” is ${values[i]}`);
  return tensor;
}

/** `problem` is a clause that says what is wrong. */
function notUsable(problem: string): TrainingError {
  return new TrainingError(
    `The run in the file cannot be used: ${problem}.`,
    'Use the version of Dimmer that saved it, or train the run again.',
  );
}

/** Tensors that hold every parameter once: a tensor's views if they cover all of it, otherwise the whole tensor. */
function parametersOf({ tensors }: Program): readonly Tensor[] {
  return tensors
    .filter(({ role, base }) => role === 'parameter' && !base)
    .flatMap((whole) => {
      const views = disjointViews(tensors.filter(({ base }) => base === whole));
      const covered = views.reduce((sum, view) => sum + elementCount(view), 0);
      return covered === elementCount(whole) ? views : [whole];
    });
}
