import type { Execution } from '../../backend/backend.ts';
import type { Allocation } from '../../compression/allocation.ts';
import type { Program } from '../../program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../program/tensor.ts';
import { lifetimesOf } from '../../program/dataflow.ts';

/** Everything that one step leaves to the next, by tensor: weights, optimiser state, units, gradient factors. */
export type CarriedState = ReadonlyMap<string, Float32Array | Uint32Array>;

/** The tensors that own such memory. */
function carriedTensors(program: Program): readonly Tensor[] {
  const passing = lifetimesOf(program);
  const prediction = storageOf(program.prediction);
  return program.tensors.filter((tensor) => {
    if (tensor.base || tensor === prediction) return false;
    if (tensor.role === 'parameter' || tensor.role === 'optimizer-state') return true;
    return (tensor.role === 'activation' || tensor.role === 'gradient') && !passing.has(tensor);
  });
}

/** A copy in this thread's memory, after everything that the execution was asked for. Rejects with BackendError. */
export async function readState(execution: Execution, program: Program): Promise<CarriedState> {
  const state = new Map<string, Float32Array | Uint32Array>();
  for (const tensor of carriedTensors(program)) state.set(tensor.name, await execution.read(tensor));
  return state;
}

/** Bit for bit. */
export function writeState(execution: Execution, program: Program, state: CarriedState): void {
  for (const tensor of carriedTensors(program)) execution.write(tensor, state.get(tensor.name)!);
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

/** What a state holds of a block. */
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

/** A matrix of a program, or the state that an optimiser keeps of its elements. */
export interface Matrix {
  readonly values: Float32Array;
  readonly columns: number;
}

/** What a state holds of a tensor, or under another name at its place, a float an element. */
export function partOf(state: CarriedState, tensor: Tensor, name = storageOf(tensor).name): Matrix {
  const { offset, shape } = tensor;
  const values = state.get(name)!.subarray(offset, offset + elementCount(tensor)) as Float32Array;
  return { values, columns: shape.at(-1)! };
}
