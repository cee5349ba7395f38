import { atOnce, type Pace } from '../../pieces/pieces.ts';
import type { Execution } from '../../backend/backend.ts';
import type { Program } from '../../program/program.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';
import { TrainingError } from '../events/errors.ts';
import type { SavedRun } from './runFile.ts';
import type { TensorEntry } from './tensorHeader.ts';
import { writeTensor } from './transfer.ts';

/** Puts the parameters of a file where a program has them; those that the program lacks are left out. */
type LoadParameters = (execution: Execution, program: Program, pace?: Pace) => Promise<void>;

/**
 * Holds the tensors of a run file against the parameters of its whole program, before anything is allocated for them. The function
 * that it returns reads one tensor at a time. Throws TrainingError where they differ, and for damaged tensors.
 */
export function loadParameters({ tensors }: Pick<SavedRun, 'tensors'>, program: Program): LoadParameters {
  checkParameters(tensors.entries, program);
  return async (execution, { tensors: own }, pace = atOnce) => {
    const byName = new Map(own.map((tensor) => [tensor.name, tensor]));
    for (const name of tensors.entries.keys()) {
      const tensor = byName.get(name);
      if (tensor) await writeTensor(execution, tensor, (await tensors.read(name, pace)).values, pace);
    }
  };
}

/** Every parameter is in the file once, as itself or as its views, with its type and shape. */
export function checkParameters(
  entries: ReadonlyMap<string, TensorEntry>,
  { tensors }: Pick<Program, 'tensors'>,
): void {
  const own = tensors.filter(({ role }) => role === 'parameter');
  const byName = new Map(own.map((tensor) => [tensor.name, tensor]));
  const missing = new Map(own.filter(({ base }) => !base).map((tensor) => [tensor, elementCount(tensor)]));
  for (const [name, entry] of entries) {
    const tensor = byName.get(name);
    if (!tensor || !isLike(tensor, entry)) throw notThisModel();
    const whole = tensor.base ?? tensor;
    missing.set(whole, missing.get(whole)! - elementCount(tensor));
  }
  if ([...missing.values()].some((elements) => elements !== 0)) throw notThisModel();
}

function isLike({ type, shape }: Tensor, entry: TensorEntry): boolean {
  const dtype = type === 'u32' ? 'U32' : 'F32';
  return dtype === entry.dtype && shape.join() === entry.shape.join();
}

function notThisModel(): TrainingError {
  return new TrainingError(
    'The file does not hold all parameters of its model.',
    'Train the run again with this version.',
  );
}
