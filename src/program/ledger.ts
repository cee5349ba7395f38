import type { Program } from './program.ts';
import { elementCount, type Role, type Tensor } from './tensor.ts';

export interface LedgerLine {
  readonly role: Role;
  readonly layer: string;
  readonly sizeBytes: number;
}

/**
 * Bytes by role and layer, read off the program's own tensors. Views cost nothing: they only say
 * which layers share their base.
 */
export function memoryLedger(program: Program): readonly LedgerLine[] {
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
    for (const view of disjoint(views.get(tensor)!)) {
      add(tensor.role, view.layer, elementCount(view));
      rest -= elementCount(view);
    }
    add(tensor.role, tensor.layer, rest);
  }
  return [...lines.values()];
}

/** The views in the order made, without those that cover again what an earlier one covers. */
function disjoint(views: readonly Tensor[]): readonly Tensor[] {
  let end = 0;
  return views.filter((view) => {
    if (view.offset < end) return false;
    end = view.offset + elementCount(view);
    return true;
  });
}

export function bytesByRole(lines: readonly LedgerLine[]): Readonly<Record<Role, number>> {
  const bytes: Record<Role, number> = {
    parameter: 0,
    'optimizer-state': 0,
    gradient: 0,
    activation: 0,
    data: 0,
    metric: 0,
    constant: 0,
  };
  for (const line of lines) bytes[line.role] += line.sizeBytes;
  return bytes;
}
