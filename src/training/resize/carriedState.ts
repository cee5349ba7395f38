import type { Execution } from '../../backend/backend.ts';
import { lifetimesOf } from '../../program/dataflow.ts';
import type { Program } from '../../program/program.ts';
import { storageOf, type Tensor } from '../../program/tensor.ts';

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
