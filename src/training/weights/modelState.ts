import type { Execution } from '../../backend/backend.ts';
import { atOnce, type Pace } from '../../pieces/pieces.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Program } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import { TrainingError } from '../events/errors.ts';
import { lifetimesOf } from '../../program/dataflow.ts';
import { readSavedTensor, readTensor, writeTensor } from './transfer.ts';

/** Everything that one step leaves to the next, by tensor: weights, optimiser state, factors of gradients. */
export type CarriedState = ReadonlyMap<string, Float32Array | Uint32Array>;

export function bytesOf(state: CarriedState): number {
  let bytes = 0;
  for (const { byteLength } of state.values()) bytes += byteLength;
  return bytes;
}

/** The tensors that own this memory. */
function carriedTensors(program: Program): readonly Tensor[] {
  const passing = lifetimesOf(program);
  const prediction = storageOf(program.prediction);
  return program.tensors.filter((tensor) => {
    if (tensor.base || tensor === prediction) return false;
    if (tensor.role === 'parameter' || tensor.role === 'optimizer-state') return true;
    return (tensor.role === 'activation' || tensor.role === 'gradient') && !passing.has(tensor);
  });
}

/**
 * Copies the state into this thread's memory, as it is after all work submitted so far. No step may be submitted until it resolves.
 * Rejects with BackendError, GivenUp.
 */
export async function readState(execution: Execution, program: Program, pace?: Pace): Promise<CarriedState> {
  const state = new Map<string, Float32Array | Uint32Array>();
  for (const tensor of carriedTensors(program))
    state.set(tensor.name, await readTensor(execution, tensor, pace));
  return state;
}

/** Puts a state back, bit for bit. Rejects with GivenUp. */
export async function writeState(
  execution: Execution,
  program: Program,
  state: CarriedState,
  pace?: Pace,
): Promise<void> {
  for (const tensor of carriedTensors(program))
    await writeTensor(execution, tensor, state.get(tensor.name)!, pace);
}

/** The parameters that own their memory. */
function parametersOf(program: Program): readonly Tensor[] {
  return program.tensors.filter(({ role, base }) => role === 'parameter' && !base);
}

/** Copies what `save` kept, by tensor. Rejects with BackendError, GivenUp. */
export async function readSavedWeights(
  execution: Execution,
  program: Program,
  pace?: Pace,
): Promise<CarriedState> {
  const weights = new Map<string, Float32Array | Uint32Array>();
  for (const tensor of parametersOf(program))
    weights.set(tensor.name, await readSavedTensor(execution, tensor, pace));
  return weights;
}

/**
 * Puts back a state and, if there are any, the weights that `save` had kept. Rejects with TrainingError for those of another
 * program, and with GivenUp.
 */
export async function restoreState(
  execution: Execution,
  program: Program,
  state: CarriedState,
  saved: CarriedState | undefined,
  pace: Pace = atOnce,
): Promise<void> {
  checkState(carriedTensors(program), state);
  if (saved) {
    const parameters = parametersOf(program);
    checkState(parameters, saved);
    for (const tensor of parameters) await writeTensor(execution, tensor, saved.get(tensor.name)!, pace);
    await execution.save(pace);
  }
  await writeState(execution, program, state, pace);
}

function checkState(tensors: readonly Tensor[], state: CarriedState): void {
  const fits = tensors.every(
    (tensor) =>
      state.get(tensor.name)?.length === elementCount(tensor) &&
      state.get(tensor.name) instanceof (tensor.type === 'u32' ? Uint32Array : Float32Array),
  );
  if (fits && state.size === tensors.length) return;
  throw new TrainingError(
    'The checkpoint is of another model than its settings give.',
    'Start the run again; the checkpoint was written by another version of Dimmer.',
  );
}

/** A program and what its tensors hold. */
export interface ModelState {
  readonly program: Program;
  readonly allocation: Allocation;
  readonly state: CarriedState;
}

/** The vectors of a block of ids: rows of its table, or those times its projection. */
export interface BlockVectors {
  readonly table: Float32Array; // [rows, dim]
  readonly projection: Float32Array | undefined; // [dim, baseDim]; undefined: dim = baseDim
  readonly dim: number;
  readonly baseDim: number;
}

/** The part of a state that holds a block. */
export function vectorsOf(
  state: CarriedState,
  { table, projection }: { readonly table: Tensor; readonly projection: Tensor | undefined },
  baseDim: number,
): BlockVectors {
  const of = (tensor: Tensor): Float32Array => partOf(state, tensor).values;
  return {
    table: of(table),
    projection: projection && of(projection),
    dim: table.shape[1],
    baseDim,
  };
}

/** A matrix of a program, or what an optimiser keeps for its elements. */
export interface Matrix {
  readonly values: Float32Array;
  readonly columns: number;
}

/**
 * The values of a tensor in a state. With another `name`, those at the same place of that tensor: its optimiser state, for example.
 */
export function partOf(state: CarriedState, tensor: Tensor, name = storageOf(tensor).name): Matrix {
  const { offset, shape } = tensor;
  const values = state.get(name)!.subarray(offset, offset + elementCount(tensor)) as Float32Array;
  return { values, columns: shape.at(-1)! };
}
