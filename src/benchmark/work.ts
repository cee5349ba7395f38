import type { EmbeddingLayout } from '../program/lookup.ts';
import type { Op, OpKind } from '../program/op.ts';
import { elementCount, type Tensor } from '../program/tensor.ts';

/**
 * What a training step asks of whoever does it, by kind of op: nothing that a kernel pads, splits or does twice.
 * Divided by a time it can be held against what a device is able to do.
 */
export interface Work {
  readonly kind: OpKind;
  /** Of matrix products; the few operations elsewhere do not count. */
  readonly multiplyAdds: number;
  /** Of the sparse ops alone: rows of tables and their gradients, read and written once. */
  readonly bytes: number;
}

/** ids u32[B, F]: a batch, whose distinct rows the update of the tables reads and writes. */
export function workOf(ops: readonly Op[], ids: Uint32Array): readonly Work[] {
  const totals = new Map<OpKind, { multiplyAdds: number; bytes: number }>();
  for (const op of ops) {
    const multiplyAdds = multiplyAddsOf(op);
    const bytes = bytesOf(op, ids);
    if (multiplyAdds + bytes === 0) continue;
    const total = totals.get(op.kind) ?? { multiplyAdds: 0, bytes: 0 };
    total.multiplyAdds += multiplyAdds;
    total.bytes += bytes;
    totals.set(op.kind, total);
  }
  return [...totals].map(([kind, { multiplyAdds, bytes }]) => ({ kind, multiplyAdds, bytes }));
}

function multiplyAddsOf(op: Op): number {
  switch (op.kind) {
    case 'linear':
      return op.y.shape[0] * elementCount(op.weight);
    case 'linear-backward-input':
      return op.dx.shape[0] * elementCount(op.weight);
    case 'linear-backward-weight':
      return op.dy.shape[0] * elementCount(op.dWeight);
    case 'interact':
      return pairProducts(op.vectors, op.bottom);
    case 'interact-backward':
      return 2 * pairProducts(op.vectors, op.bottom);
    case 'project':
      return op.vectors.shape[0] * projectionElements(op.layout);
    case 'project-backward-input':
    case 'project-backward-weight':
      return op.dVectors.shape[0] * projectionElements(op.layout);
    default:
      return 0;
  }
}

/** Of all pairs of vectors f32[B, F, D] and bottom f32[B, D]. */
function pairProducts({ shape: [B, F, D] }: Tensor, bottom: Tensor | undefined): number {
  const T = F + (bottom ? 1 : 0);
  return ((B * T * (T - 1)) / 2) * D;
}

/** Of an example's lookups, each by the projection of its block, the widest where there are several. */
function projectionElements({ lookups, blocks, baseDim }: EmbeddingLayout): number {
  return lookups
    .map(({ firstBlock, blocks: count }) => blocks.slice(firstBlock, firstBlock + count))
    .map((own) => Math.max(0, ...own.map(({ dim, projectionOffset }) => (projectionOffset < 0 ? 0 : dim))))
    .reduce((sum, dim) => sum + dim * baseDim, 0);
}

function bytesOf(op: Op, ids: Uint32Array): number {
  switch (op.kind) {
    case 'gather':
      return 2 * 4 * elementCount(op.gathered);
    case 'embedding-update':
      return 4 * elementCount(op.dGathered) + 2 * 4 * distinctElements(op.layout, ids);
    default:
      return 0;
  }
}

/** Floats of the rows that a batch looks up, each once. */
function distinctElements({ lookups }: EmbeddingLayout, ids: Uint32Array): number {
  const fields = lookups.length;
  const rows = lookups.map(() => new Set<number>());
  ids.forEach((id, i) => rows[i % fields].add(id));
  return lookups.reduce((sum, { slotWidth }, field) => sum + slotWidth * rows[field].size, 0);
}
