import * as v from 'valibot';
import { excerpt } from '../../validation/excerpt.ts';
import { parseJson } from '../../validation/json.ts';
import { checkShape, count, oneOf } from '../../validation/shape.ts';
import { TrainingError } from '../events/errors.ts';
import { type ElementTypeId, elementTypes } from './elementTypes.ts';

/** A tensor as the header describes it. */
export interface TensorEntry {
  readonly dtype: ElementTypeId;
  readonly shape: readonly number[];
  /** In bytes, from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export interface TensorHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in their order in the header. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
}

/** The name in the header that is no tensor's. */
export const METADATA = '__metadata__';

const metadataShape = v.record(v.string(), v.string());
const entryShape = v.strictObject({
  dtype: oneOf<ElementTypeId>(elementTypes),
  shape: v.array(count),
  data_offsets: v.strictTuple([count, count]),
});

/**
 * Reads a header and holds it against the bytes behind it: known types, sizes that fit their shapes, and tensors that cover all
 * `dataBytes` once. Nothing is allocated by what it says. Throws TrainingError.
 */
export function parseHeader(text: string, dataBytes: number): TensorHeader {
  const header = parseJson(text, (problem) => notTensors(`its header cannot be read: ${problem}`));
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw notTensors('its header is no object');
  const metadata = new Map<string, string>();
  const entries = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== METADATA) entries.set(name, parseEntry(name, value));
    else
      for (const [key, text] of Object.entries(
        checkShape(metadataShape, value, (problem) => notTensors(`in its metadata ${problem}`)),
      ))
        metadata.set(key, text);
  }
  checkCoverage(entries, dataBytes);
  return { metadata, entries };
}

function parseEntry(name: string, value: unknown): TensorEntry {
  const of = `of tensor “${excerpt(name)}”`;
  const entry = checkShape(entryShape, value, (problem) => notTensors(`${of}, ${problem}`));
  const { dtype, shape, data_offsets } = entry;
  const [begin, end] = data_offsets;
  const sizeBytes = elementsOf(shape) * elementTypes[dtype].sizeBytes;
  if (end - begin === sizeBytes) return { dtype, shape, begin, end };
  const asked = `${excerpt(shape.join(' × ')) || 'one element'} of ${dtype}`;
  throw notTensors(`${of}, bytes ${begin} to ${end} do not hold ${asked}, which are ${sizeBytes} bytes`);
}

/** Beyond what a float64 counts exactly it is not exact, and no file is as large. */
function elementsOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

function checkCoverage(entries: ReadonlyMap<string, TensorEntry>, dataBytes: number): void {
  let covered = 0;
  const inOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of inOrder) {
    const what = begin < covered ? 'overlaps the tensor before it' : 'comes after a gap';
    if (begin !== covered) throw notTensors(`tensor “${excerpt(name)}”, from byte ${begin} on, ${what}`);
    covered = end;
  }
  if (covered > dataBytes)
    throw new TrainingError(
      `The end of the file is missing: ${covered - dataBytes} bytes of its tensors are not there.`,
      'Copy it again from where it is whole, or save the run again.',
    );
  if (covered < dataBytes) throw notTensors(`${dataBytes - covered} bytes at its end belong to no tensor`);
}

/** `problem` is a clause that says what is wrong. */
export function notTensors(problem: string): TrainingError {
  return new TrainingError(
    `The file is no safetensors file, or it is damaged: ${problem}.`,
    'Give a file that was saved as safetensors, or save it again.',
  );
}
