import { Random } from '../random/random.ts';
import { codeLimit, elementCount, type Initial, recordWords, type Tensor, writeCode } from './tensor.ts';

/**
 * The initial values of a tensor, drawn from the stream of its name: equal names, shapes and
 * seeds give equal bits in every program and on every backend. null: all zeros.
 */
export function initialValues(tensor: Tensor, seed: number): Float32Array | Uint32Array | null {
  const { initial } = tensor;
  const random = new Random(seed, tensor.name);
  switch (initial.kind) {
    case 'zeros':
      return null;
    case 'values':
      return initial.values;
    case 'identity': {
      const [rows, columns] = tensor.shape;
      const values = new Float32Array(rows * columns);
      for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
      return values;
    }
    case 'columns': {
      const bounds = initial.ranges.flatMap(({ columns, bound }) => Array<number>(columns).fill(bound));
      return fill(tensor, (i) => (2 * random.uniform() - 1) * bounds[i % bounds.length]);
    }
    case 'uniform':
    case 'normal':
      return fill(tensor, drawing(initial, random));
    case 'codes':
      return codes(tensor.shape[0], initial, drawing(initial.element, random));
  }
}

function drawing(initial: Extract<Initial, { kind: 'uniform' | 'normal' }>, random: Random): () => number {
  if (initial.kind === 'normal') return () => random.normal() * initial.deviation;
  return () => (2 * random.uniform() - 1) * initial.bound;
}

function codes(
  rows: number,
  { bits, dim, scale }: Extract<Initial, { kind: 'codes' }>,
  draw: () => number,
): Uint32Array {
  const stride = recordWords(dim, bits);
  const words = new Uint32Array(rows * stride);
  const scales = new Float32Array(words.buffer);
  const limit = codeLimit(bits);
  for (let record = 0; record < words.length; record += stride) {
    scales[record] = scale;
    for (let j = 0; j < dim; j++) {
      const code = Math.max(-limit, Math.min(limit, Math.round(draw() / scale)));
      writeCode(words, record, j, bits, code);
    }
  }
  return words;
}

function fill(tensor: Tensor, draw: (element: number) => number): Float32Array {
  const values = new Float32Array(elementCount(tensor));
  for (let i = 0; i < values.length; i++) values[i] = draw(i);
  return values;
}
