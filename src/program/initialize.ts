import { finish, type Pieces, rangesOf } from '../pieces/pieces.ts';
import { Random } from '../random/random.ts';
import { codeLimit, elementCount, type Initial, recordWords, type Tensor, writeCode } from './tensor.ts';

/** Elements that are drawn between two rests: a few milliseconds. */
const PIECE_ELEMENTS = 2 ** 16;

type Values = Float32Array | Uint32Array;

/**
 * Draws the initial values of a tensor from the stream of its name: equal names, shapes and seeds give equal bits in every program
 * and on every backend. `write` gets them in order, valid during the call, and none at all where every value is 0.
 */
export function* initialising(
  tensor: Tensor,
  seed: number,
  write: (values: Values, offset: number) => void,
): Pieces<void> {
  const { initial } = tensor;
  const random = new Random(seed, tensor.name);
  const fill = (draw: (element: number) => number): Pieces<void> =>
    filling(elementCount(tensor), draw, write);
  switch (initial.kind) {
    case 'zeros':
      return;
    case 'values':
      for (const { from, end } of rangesOf(initial.values.length, PIECE_ELEMENTS)) {
        write(initial.values.subarray(from, end), from);
        yield;
      }
      return;
    case 'identity': {
      const [, columns] = tensor.shape;
      return yield* fill((i) => Number(Math.floor(i / columns) === i % columns));
    }
    case 'columns': {
      const bounds = initial.ranges.flatMap(({ columns, bound }) => Array<number>(columns).fill(bound));
      return yield* fill((i) => (2 * random.uniform() - 1) * bounds[i % bounds.length]);
    }
    case 'uniform':
    case 'normal':
      return yield* fill(drawing(initial, random));
    case 'codes':
      return yield* coding(tensor.shape[0], initial, drawing(initial.element, random), write);
  }
}

/** All of them at once; null: all zeros. */
export function initialValues(tensor: Tensor, seed: number): Values | null {
  if (tensor.initial.kind === 'zeros') return null;
  const values =
    tensor.type === 'u32' ? new Uint32Array(elementCount(tensor)) : new Float32Array(elementCount(tensor));
  finish(initialising(tensor, seed, (piece, offset) => values.set(piece, offset)));
  return values;
}

function drawing(initial: Extract<Initial, { kind: 'uniform' | 'normal' }>, random: Random): () => number {
  if (initial.kind === 'normal') return () => random.normal() * initial.deviation;
  return () => (2 * random.uniform() - 1) * initial.bound;
}

function* coding(
  rows: number,
  { bits, dim, scale }: Extract<Initial, { kind: 'codes' }>,
  draw: () => number,
  write: (values: Uint32Array, offset: number) => void,
): Pieces<void> {
  const stride = recordWords(dim, bits);
  const limit = codeLimit(bits);
  for (const { from, end } of rangesOf(rows, Math.max(1, Math.floor(PIECE_ELEMENTS / dim)))) {
    const words = new Uint32Array((end - from) * stride);
    const scales = new Float32Array(words.buffer);
    for (let record = 0; record < words.length; record += stride) {
      scales[record] = scale;
      for (let j = 0; j < dim; j++) {
        const code = Math.max(-limit, Math.min(limit, Math.round(draw() / scale)));
        writeCode(words, record, j, bits, code);
      }
    }
    write(words, from * stride);
    yield;
  }
}

function* filling(
  elements: number,
  draw: (element: number) => number,
  write: (values: Float32Array, offset: number) => void,
): Pieces<void> {
  const piece = new Float32Array(Math.min(elements, PIECE_ELEMENTS));
  for (const { from, end } of rangesOf(elements, PIECE_ELEMENTS)) {
    fillRange(piece, from, end, draw);
    write(piece.subarray(0, end - from), from);
    yield;
  }
}

function fillRange(values: Float32Array, from: number, end: number, draw: (element: number) => number): void {
  for (let i = from; i < end; i++) values[i - from] = draw(i);
}
