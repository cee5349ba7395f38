import { type Interval, type Lifetime, lifetimesOf } from './lifetimes.ts';
import type { Program } from './program.ts';
import { elementCount, type Tensor } from './tensor.ts';

/** Memory that is allocated as one: of a tensor, or of several that are never alive at once. */
export interface Area {
  readonly name: string;
  /** Those of its largest tensor; every tensor begins at element 0. */
  readonly elements: number;
  readonly tensors: readonly Tensor[];
}

/**
 * Where all tensors of a program lie, views aside. Tensors that one op names are alive at once, so
 * the areas it reads and those it writes are never the same one: WebGPU allows no buffer to be both
 * in a dispatch, not even in disjoint ranges.
 *
 * "Greedy by size for shared objects" of Pisarchyk & Lee 2020, arXiv 2001.03288, §4.3: the largest
 * tensor first, each into the smallest area that is free for as long as it lives.
 */
export function assignMemory(program: Program, { share = true } = {}): readonly Area[] {
  const lifetimes = share ? lifetimesOf(program) : new Map<Tensor, Lifetime>();
  const own: Area[] = [];
  const shared: { elements: number; tensors: Tensor[] }[] = [];
  const owners = program.tensors.filter(({ base }) => !base);
  for (const tensor of owners.toSorted((a, b) => elementCount(b) - elementCount(a))) {
    const elements = elementCount(tensor);
    const lifetime = lifetimes.get(tensor);
    if (!lifetime || tensor.type !== 'f32') {
      own.push({ name: tensor.name, elements, tensors: [tensor] });
      continue;
    }
    // Areas are made from the largest to the smallest.
    const free = shared.findLast(({ tensors }) =>
      tensors.every((other) => !areAliveAtOnce(lifetime, lifetimes.get(other)!)),
    );
    if (free) free.tensors.push(tensor);
    else shared.push({ elements, tensors: [tensor] });
  }
  return [...own, ...shared.map(nameArea)];
}

/** An area for every tensor that owns memory. */
export function ownAreas(tensors: readonly Tensor[]): readonly Area[] {
  return tensors
    .filter(({ base }) => !base)
    .map((tensor) => ({ name: tensor.name, elements: elementCount(tensor), tensors: [tensor] }));
}

function nameArea({ elements, tensors }: Omit<Area, 'name'>, index: number): Area {
  return { name: tensors.length > 1 ? `shared.${index}` : tensors[0].name, elements, tensors };
}

function areAliveAtOnce(a: Lifetime, b: Lifetime): boolean {
  return overlap(a.train, b.train) || overlap(a.evaluate, b.evaluate);
}

function overlap(a: Interval | undefined, b: Interval | undefined): boolean {
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}
