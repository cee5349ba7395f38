import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Program } from '../../program/program.ts';
import { disjointViews, elementCount, type Tensor } from '../../program/tensor.ts';
import { TrainingError } from '../events/errors.ts';
import { type AllocationSummary, type ResolvedSettings } from '../events/events.ts';
import type { RunRequest } from '../plan/planRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { encodeTensors, openTensors, type StoredTensor, type TensorFile } from './safetensors.ts';
import { summarise } from '../plan/describeRun.ts';

/** Which tensors of a run file hold a block of rows of a field: see StoredBlock. */
export interface SavedBlock {
  readonly field: number;
  readonly firstId: number;
  readonly table: string;
  readonly projection: string | null;
}

/** What a run file holds beside its tensors. */
export interface RunDescription {
  readonly settings: ResolvedSettings;
  readonly allocation: AllocationSummary;
  readonly data: {
    readonly name: string;
    readonly fields: readonly { readonly name: string; readonly cardinality: number }[];
    readonly labelMean: number;
    /** A fingerprint of the examples; null: none was taken when the file was saved. */
    readonly fingerprint: string | null;
  };
  readonly blocks: readonly SavedBlock[];
}

const FORMAT = 'dimmer-run-1';

/** A run at its end, when the execution holds the best weights. */
export type SavableRun = Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'execution'> & {
  readonly request: Pick<RunRequest, 'dataset'>;
};

/** Encodes a safetensors file that holds every parameter of the model, named as in the program. Returns its pieces in order. */
export async function encodeRun(
  { settings, allocation, program, execution, request }: SavableRun,
  fingerprint: string | null = null,
): Promise<readonly Uint8Array[]> {
  const tensors: StoredTensor[] = [];
  for (const tensor of parametersOf(program))
    tensors.push({ name: tensor.name, shape: tensor.shape, values: await execution.read(tensor) });
  const { name, labelMean, fields } = request.dataset;
  const description: RunDescription = {
    settings,
    allocation: summarise(allocation),
    data: {
      name,
      fields: fields.map(({ name, cardinality }) => ({ name, cardinality })),
      labelMean,
      fingerprint,
    },
    blocks: storedBlocks(program, allocation).map(({ field, firstId, table, projection }) => ({
      field,
      firstId,
      table: table.name,
      projection: projection?.name ?? null,
    })),
  };
  return encodeTensors(tensors, { format: FORMAT, run: JSON.stringify(description) });
}

/** An open run file. */
export interface SavedRun {
  readonly run: RunDescription;
  readonly tensors: TensorFile;
}

/** Rejects with TrainingError for a file that encodeRun did not write. */
export async function openRun(file: Blob): Promise<SavedRun> {
  const tensors = await openTensors(file);
  if (tensors.metadata.format !== FORMAT)
    throw new TrainingError(
      'The file holds tensors, but no run of Dimmer.',
      'Give a file that train --save wrote.',
    );
  return { run: JSON.parse(tensors.metadata.run) as RunDescription, tensors };
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
