import type { Program } from './program.ts';
import { elementCount, type Role } from './tensor.ts';

export interface LedgerLine {
  readonly role: Role;
  readonly layer: string;
  readonly sizeBytes: number;
}

/** Bytes by role and layer, read off the program's own tensors. Views cost nothing. */
export function memoryLedger(program: Program): readonly LedgerLine[] {
  const lines = new Map<string, LedgerLine>();
  for (const tensor of program.tensors) {
    if (tensor.base) continue;
    const { role, layer } = tensor;
    const key = `${role} ${layer}`;
    const before = lines.get(key)?.sizeBytes ?? 0;
    lines.set(key, { role, layer, sizeBytes: before + 4 * elementCount(tensor) });
  }
  return [...lines.values()];
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
