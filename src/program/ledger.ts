import type { MemoryUse } from './allocatedBytes.ts';
import { type Area, assignMemory } from './memoryAreas.ts';
import type { Program } from './program.ts';
import { disjointViews, elementCount, type Role, type Tensor } from './tensor.ts';

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
    peakBytes: assignMemory(program).reduce((sum, area) => sum + 4 * area.elements, 0),
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

/** What an area counts as. */
export function useOf({ tensors }: Area): MemoryUse {
  return tensors.length > 1 ? 'shared' : tensors[0].role;
}
