import type { Execution } from '../../backend/backend.ts';
import { atOnce, COPIED_ELEMENTS, type Pace, rangesOf } from '../../pieces/pieces.ts';
import { elementCount, type Tensor } from '../../program/tensor.ts';

type Values = Float32Array | Uint32Array;

/** A copy of a whole tensor, which must not change meanwhile. Rejects with BackendError, GivenUp. */
export function readTensor(execution: Execution, tensor: Tensor, pace?: Pace): Promise<Values> {
  return readInPieces(tensor, (offset, length) => execution.read(tensor, offset, length), pace);
}

/** The same of what `save` kept. */
export function readSavedTensor(execution: Execution, tensor: Tensor, pace?: Pace): Promise<Values> {
  return readInPieces(tensor, (offset, length) => execution.readSaved(tensor, offset, length), pace);
}

async function readInPieces(
  tensor: Tensor,
  read: (offset: number, length: number) => Promise<Values>,
  pace: Pace = atOnce,
): Promise<Values> {
  const elements = elementCount(tensor);
  if (elements <= COPIED_ELEMENTS) return read(0, elements);
  const whole = tensor.type === 'u32' ? new Uint32Array(elements) : new Float32Array(elements);
  for (const { from, end } of rangesOf(elements, COPIED_ELEMENTS)) {
    whole.set(await read(from, end - from), from);
    await pace.rest();
  }
  return whole;
}

/** Writes a whole tensor. Rejects with GivenUp. */
export async function writeTensor(
  execution: Execution,
  tensor: Tensor,
  values: Values,
  pace: Pace = atOnce,
): Promise<void> {
  for (const { from, end } of rangesOf(values.length, COPIED_ELEMENTS)) {
    execution.write(tensor, values.subarray(from, end), from);
    await pace.rest();
  }
}
