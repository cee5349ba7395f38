import { Random } from '../random/random.ts';
import { elementCount, type Tensor } from './tensor.ts';

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
      return fill(tensor, () => (2 * random.uniform() - 1) * initial.bound);
    case 'normal':
      return fill(tensor, () => random.normal() * initial.deviation);
  }
}

function fill(tensor: Tensor, draw: (element: number) => number): Float32Array {
  const values = new Float32Array(elementCount(tensor));
  for (let i = 0; i < values.length; i++) values[i] = draw(i);
  return values;
}
