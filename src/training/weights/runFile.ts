import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Program } from '../../program/program.ts';
import { disjointViews, elementCount, type Tensor } from '../../program/tensor.ts';
import { TrainingError } from '../events/errors.ts';
import { type AllocationSummary, type ResolvedSettings } from '../events/events.ts';
import type { RunRequest } from '../plan/planRun.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { encodeTensors, openTensors, type StoredTensor, type TensorFile } from './safetensors.ts';
import { summarise } from '../plan/describeRun.ts';

/** Where the rows of a field are in a run file: see StoredBlock. */
export interface SavedBlock {
  readonly field: number;
  readonly firstId: number;
  readonly table: string;
  readonly projection: string | null;
}

/** What a run file says beside its tensors. */
export interface RunDescription {
  readonly settings: ResolvedSettings;
  readonly allocation: AllocationSummary;
  readonly data: {
    readonly name: string;
    readonly fields: readonly { readonly name: string; readonly cardinality: number }[];
    readonly labelMean: number;
    /** Of the examples, where whoever saved the file took one. */
    readonly fingerprint: string | null;
  };
  readonly blocks: readonly SavedBlock[];
}

const FORMAT = 'dimmer-run-1';

/** A run at its end: the best weights are in the execution. */
export type SavableRun = Pick<PreparedRun, 'settings' | 'allocation' | 'program' | 'execution'> & {
  readonly request: Pick<RunRequest, 'dataset'>;
};

/** The pieces of a safetensors file with every parameter of the model under its name in the program. */
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

/** A run file that is open. */
export interface SavedRun {
  readonly run: RunDescription;
  readonly tensors: TensorFile;
}

/** Throws TrainingError for a file that encodeRun did not write. */
export async function openRun(file: Blob): Promise<SavedRun> {
  const tensors = await openTensors(file);
  if (tensors.metadata.format !== FORMAT)
    throw new TrainingError(
      'The file holds tensors, but no run of Dimmer.',
      'Give a file that train --save wrote.',
    );
  return { run: JSON.parse(tensors.metadata.run) as RunDescription, tensors };
}

/** Every element of every parameter once: the parts of a tensor instead of the whole, where they cover it. */
function parametersOf({ tensors }: Program): readonly Tensor[] {
  return tensors
    .filter(({ role, base }) => role === 'parameter' && !base)
    .flatMap((whole) => {
      const parts = disjointViews(tensors.filter(({ base }) => base === whole));
      const covered = parts.reduce((sum, part) => sum + elementCount(part), 0);
      return covered === elementCount(whole) ? parts : [whole];
    });
}
