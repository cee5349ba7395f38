import { type Interval, type Lifetime, lifetimesOf } from './dataflow.ts';
import type { Program } from './program.ts';
import { disjointViews, elementCount, type Role, type Tensor } from './tensor.ts';

/** Memory that is allocated as one: of a tensor, or of several that are never alive at once. */
export interface MemoryRegion {
  readonly name: string;
  /** Of its largest tensor; every tensor begins at element 0. */
  readonly elements: number;
  readonly tensors: readonly Tensor[];
}

/**
 * Where all tensors of a program lie, views aside. Tensors that one op names are alive at once, so
 * the regions it reads and those it writes are never the same one: WebGPU allows no buffer to be both
 * in a dispatch, not even in disjoint ranges.
 *
 * "Greedy by size for shared objects" of Pisarchyk & Lee 2020, arXiv 2001.03288, §4.3: the largest
 * tensor first, each into the smallest region that is free for as long as it lives.
 */
export function assignMemory(program: Program, { share = true } = {}): readonly MemoryRegion[] {
  const lifetimes = share ? lifetimesOf(program) : new Map<Tensor, Lifetime>();
  const own: MemoryRegion[] = [];
  const shared: { elements: number; tensors: Tensor[] }[] = [];
  const owners = program.tensors.filter(({ base }) => !base);
  for (const tensor of owners.toSorted((a, b) => elementCount(b) - elementCount(a))) {
    const elements = elementCount(tensor);
    const lifetime = lifetimes.get(tensor);
    if (!lifetime || tensor.type !== 'f32') {
      own.push({ name: tensor.name, elements, tensors: [tensor] });
      continue;
    }
    // Regions are made from the largest to the smallest.
    const free = shared.findLast(({ tensors }) =>
      tensors.every((other) => !areAliveAtOnce(lifetime, lifetimes.get(other)!)),
    );
    if (free) free.tensors.push(tensor);
    else shared.push({ elements, tensors: [tensor] });
  }
  return [...own, ...shared.map(nameRegion)];
}

/** A region for every tensor that owns memory. */
export function ownRegions(tensors: readonly Tensor[]): readonly MemoryRegion[] {
  return tensors
    .filter(({ base }) => !base)
    .map((tensor) => ({ name: tensor.name, elements: elementCount(tensor), tensors: [tensor] }));
}

function nameRegion({ elements, tensors }: Omit<MemoryRegion, 'name'>, index: number): MemoryRegion {
  return { name: tensors.length > 1 ? `shared.${index}` : tensors[0].name, elements, tensors };
}

function areAliveAtOnce(a: Lifetime, b: Lifetime): boolean {
  return overlap(a.train, b.train) || overlap(a.evaluate, b.evaluate);
}

function overlap(a: Interval | undefined, b: Interval | undefined): boolean {
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}

/**
 * What allocated memory is for. 'shared': activations and gradients in regions that they share;
 * 'scratch': what kernels work in, and the gaps between tensors.
 */
export type MemoryUse = Role | 'shared' | 'scratch';

/** All that a backend allocates for a program; 'checkpoint' is the copy of the parameters that `save` makes. */
export type AllocatedBytes = Readonly<Record<MemoryUse | 'checkpoint', number>>;

/** The peak: nothing is allocated and freed in the course of a run but the checkpoint, which stays. */
export function totalBytes(bytes: AllocatedBytes): number {
  return Object.values(bytes).reduce((sum, each) => sum + each, 0);
}

/** Without the examples, which stay on the device only where there is room. */
export function bytesBesideData(bytes: AllocatedBytes): number {
  return totalBytes(bytes) - bytes.data;
}

export function noBytes(): Record<MemoryUse, number> {
  return {
    parameter: 0,
    'optimizer-state': 0,
    gradient: 0,
    activation: 0,
    shared: 0,
    scratch: 0,
    data: 0,
    metric: 0,
    constant: 0,
  };
}

export interface LedgerLine {
  readonly role: Role;
  readonly layer: string;
  readonly sizeBytes: number;
}

/** Memory of a program, read off its own tensors. */
export interface MemoryLedger {
  readonly lines: readonly LedgerLine[];
  /** Σ lines. */
  readonly askedBytes: number;
  /** What is allocated for them: less, where activations and gradients share memory. */
  readonly peakBytes: number;
}

export function memoryLedger(program: Program): MemoryLedger {
  const lines = ledgerLines(program);
  return {
    lines,
    askedBytes: lines.reduce((sum, line) => sum + line.sizeBytes, 0),
    peakBytes: assignMemory(program).reduce((sum, region) => sum + 4 * region.elements, 0),
  };
}

/** A line of a program, and what the same layer asked for in that role before a transformation: 0, if it was not there. */
export interface LedgerChange extends LedgerLine {
  readonly exactBytes: number;
}

/** The lines of two programs side by side, in the order of the exact one, then what only the other has. */
export function compareLedgers(
  exact: readonly LedgerLine[],
  changed: readonly LedgerLine[],
): readonly LedgerChange[] {
  const changes = new Map<string, LedgerChange>();
  for (const { role, layer, sizeBytes } of exact)
    changes.set(`${role} ${layer}`, { role, layer, sizeBytes: 0, exactBytes: sizeBytes });
  for (const { role, layer, sizeBytes } of changed) {
    const exactBytes = changes.get(`${role} ${layer}`)?.exactBytes ?? 0;
    changes.set(`${role} ${layer}`, { role, layer, sizeBytes, exactBytes });
  }
  return [...changes.values()];
}

/**
 * What every layer asks for, by role. Views cost nothing: they only say which layers share their
 * base.
 */
function ledgerLines(program: Program): readonly LedgerLine[] {
  const lines = new Map<string, LedgerLine>();
  const add = (role: Role, layer: string, elements: number): void => {
    if (elements === 0) return;
    const key = `${role} ${layer}`;
    const before = lines.get(key)?.sizeBytes ?? 0;
    lines.set(key, { role, layer, sizeBytes: before + 4 * elements });
  };
  const views = new Map<Tensor, Tensor[]>();
  for (const tensor of program.tensors) {
    if (!tensor.base) views.set(tensor, []);
    else views.get(tensor.base)!.push(tensor);
  }
  for (const tensor of program.tensors) {
    if (tensor.base) continue;
    let rest = elementCount(tensor);
    for (const view of disjointViews(views.get(tensor)!)) {
      add(tensor.role, view.layer, elementCount(view));
      rest -= elementCount(view);
    }
    add(tensor.role, tensor.layer, rest);
  }
  return [...lines.values()];
}

/** What a region counts as. */
export function useOf({ tensors }: MemoryRegion): MemoryUse {
  return tensors.length > 1 ? 'shared' : tensors[0].role;
}
