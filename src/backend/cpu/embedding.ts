import { type BlockLayout, type EmbeddingLayout, type FieldSlots, locateAll } from '../../program/lookup.ts';
import type { OpOf } from '../../program/op.ts';
import type { BatchData } from '../../program/operand.ts';
import type { Step } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import type { BoundOp, Floats, Memory } from './memory.ts';
import { savedReader } from './quantisedActivation.ts';

/** The block of a lookup that holds a row; blocks are in row order and at most 16. undefined: not held. */
function blockOf({ lookups, blocks }: EmbeddingLayout, lookup: number, row: number): BlockLayout | undefined {
  const { firstBlock, blocks: count } = lookups[lookup];
  if (count === 0) return undefined;
  let index = firstBlock;
  while (index + 1 < firstBlock + count && blocks[index + 1].firstId <= row) index++;
  return blocks[index];
}

/** The rows u32[B, S] of a slot's batch. */
export function rowsReader(data: BatchData, memory: Memory): (slot: number) => Uint32Array {
  const rows = memory.words(data.rows);
  if (data.rows !== data.ids) return () => rows;
  const [, B, F] = data.ids.shape;
  return (slot) => rows.subarray(slot * B * F, (slot + 1) * B * F);
}

export function locate({ data }: OpOf<'locate'>, memory: Memory): BoundOp {
  const ids = memory.words(data.ids);
  const rows = memory.words(data.rows);
  const signatures = data.signatures && memory.words(data.signatures);
  const [, B, F] = data.ids.shape;
  return ({ slot }) =>
    locateAll(data.lookups, ids.subarray(slot * B * F, (slot + 1) * B * F), F, B, rows, signatures);
}

/** The tensor's array; an empty one where there are no projections. */
function floatsOf(tensor: Tensor | undefined, memory: Memory): Floats {
  return tensor ? memory.floats(tensor) : new Float32Array(0);
}

type Visit = (b: number, part: FieldSlots, block: BlockLayout, row: number) => void;

/** Calls `visit` for every part of every example, with the block and the row in it of its first lookup. */
export function forEachPart(
  rows: Uint32Array,
  layout: EmbeddingLayout,
  parts: readonly FieldSlots[],
  batch: number,
  visit: Visit,
) {
  const width = layout.lookups.length;
  for (let b = 0; b < batch; b++) {
    for (const part of parts) {
      const row = rows[b * width + part.lookup];
      const block = blockOf(layout, part.lookup, row)!;
      visit(b, part, block, row - block.firstId);
    }
  }
}

/** A segment of the row index whose row the layout holds: occurrences first … end − 1, all of `row` in `block`. */
type VisitSegment = (block: BlockLayout, row: number, addGradient: (sum: Floats) => void) => void;

/**
 * Calls `visit` for every segment of a step, in order. `addGradient` adds the row's gradient to the first dim
 * elements of a sum, occurrence by occurrence.
 */
export function segmentVisitor(
  { data, layout, dGathered }: OpOf<'embedding-update' | 'update-codes'>,
  memory: Memory,
): (step: Step, visit: VisitSegment) => void {
  const rowsOf = rowsReader(data, memory);
  const occurrences = memory.words(data.rowIndex.occurrences);
  const starts = memory.words(data.rowIndex.starts);
  const gradients = memory.floats(dGathered);
  const S = layout.lookups.length;
  const [batch, width] = dGathered.shape;
  return ({ slot, segments }, visit) => {
    const rows = rowsOf(slot);
    const occurrencesAt = slot * batch * S;
    const startsAt = slot * (batch * S + 1);
    for (let segment = 0; segment < segments; segment++) {
      const first = starts[startsAt + segment];
      const end = starts[startsAt + segment + 1];
      const located = rows[occurrences[occurrencesAt + first]];
      const block = blockOf(layout, occurrences[occurrencesAt + first] % S, located);
      if (!block) continue;
      visit(block, located - block.firstId, (sum) => {
        for (let k = first; k < end; k++) {
          const occurrence = occurrences[occurrencesAt + k];
          const from = Math.floor(occurrence / S) * width + layout.lookups[occurrence % S].slotOffset;
          for (let j = 0; j < block.dim; j++) sum[j] += gradients[from + j];
        }
      });
    }
  };
}

/** Every lookup that the layout holds, as a part of its own. */
export function heldLookups({ lookups }: EmbeddingLayout): readonly FieldSlots[] {
  return lookups.flatMap(({ blocks }, lookup) => (blocks > 0 ? [{ field: lookup, lookup, lookups: 1 }] : []));
}

export function gather({ data, layout, tables, gathered }: OpOf<'gather'>, memory: Memory): BoundOp {
  const rowsOf = rowsReader(data, memory);
  const TABLES = memory.floats(tables);
  const S = memory.floats(gathered);
  const [B, width] = gathered.shape;
  const held = heldLookups(layout);
  return ({ slot }) =>
    forEachPart(rowsOf(slot), layout, held, B, (b, { lookup }, { dim, tableOffset }, row) => {
      const { slotOffset, slotWidth } = layout.lookups[lookup];
      const from = tableOffset + row * dim;
      const to = b * width + slotOffset;
      for (let j = 0; j < dim; j++) S[to + j] = TABLES[from + j];
      for (let j = dim; j < slotWidth; j++) S[to + j] = 0;
    });
}

export function project(
  { data, layout, parts, gathered, projections, vectors }: OpOf<'project'>,
  memory: Memory,
): BoundOp {
  const rowsOf = rowsReader(data, memory);
  const S = memory.floats(gathered);
  const P = floatsOf(projections, memory);
  const V = memory.floats(vectors);
  const [B, F, D] = vectors.shape;
  return ({ slot }) =>
    forEachPart(rowsOf(slot), layout, parts, B, (b, { field, lookup }, { dim, projectionOffset }) => {
      const from = b * layout.width + layout.lookups[lookup].slotOffset;
      const to = (b * F + field) * D;
      if (projectionOffset < 0) {
        for (let j = 0; j < D; j++) V[to + j] = S[from + j];
        return;
      }
      for (let j = 0; j < D; j++) {
        let sum = 0;
        for (let i = 0; i < dim; i++) sum += S[from + i] * P[projectionOffset + i * D + j];
        V[to + j] = sum;
      }
    });
}

export function projectBackwardInput(
  { data, layout, parts, dVectors, projections, dGathered }: OpOf<'project-backward-input'>,
  memory: Memory,
): BoundOp {
  const rowsOf = rowsReader(data, memory);
  const DV = memory.floats(dVectors);
  const P = floatsOf(projections, memory);
  const DS = memory.floats(dGathered);
  const [B, F, D] = dVectors.shape;
  return ({ slot }) =>
    forEachPart(rowsOf(slot), layout, parts, B, (b, { field, lookup }, { dim, projectionOffset }) => {
      const { slotOffset, slotWidth } = layout.lookups[lookup];
      const from = (b * F + field) * D;
      const to = b * layout.width + slotOffset;
      if (projectionOffset < 0) {
        for (let i = 0; i < D; i++) DS[to + i] = DV[from + i];
        return;
      }
      for (let i = 0; i < slotWidth; i++) {
        if (i >= dim) DS[to + i] = 0;
        else {
          let sum = 0;
          const row = projectionOffset + i * D;
          for (let j = 0; j < D; j++) sum += DV[from + j] * P[row + j];
          DS[to + i] = sum;
        }
      }
    });
}

/** dP_block[i, j] = Σ_b gathered[b, i]·dVectors[b, j] over the lookups of the block; examples b < count. */
export function projectBackwardWeight(
  { data, layout, parts, gathered, dVectors, dProjections }: OpOf<'project-backward-weight'>,
  memory: Memory,
): BoundOp {
  const rowsOf = rowsReader(data, memory);
  const read = savedReader(gathered, memory);
  const DV = memory.floats(dVectors);
  const DP = memory.floats(dProjections);
  const [, F, D] = dVectors.shape;
  const sum = new Float64Array(layout.projectionElements);
  return ({ slot, count }) => {
    sum.fill(0);
    forEachPart(rowsOf(slot), layout, parts, count, (b, { field, lookup }, { dim, projectionOffset }) => {
      if (projectionOffset < 0) return;
      const from = b * layout.width + layout.lookups[lookup].slotOffset;
      const gradient = (b * F + field) * D;
      for (let i = 0; i < dim; i++) {
        const s = read(from + i);
        const row = projectionOffset + i * D;
        for (let j = 0; j < D; j++) sum[row + j] += s * DV[gradient + j];
      }
    });
    DP.set(sum);
  };
}

/** Offsets of a part's slots in a gathered row. */
function slotsOf({ lookups }: EmbeddingLayout, part: FieldSlots): readonly number[] {
  return lookups.slice(part.lookup, part.lookup + part.lookups).map(({ slotOffset }) => slotOffset);
}

export function combine(op: OpOf<'combine'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const V = memory.floats(op.vectors);
  const [B, F, D] = op.vectors.shape;
  const isProduct = op.combine === 'multiply';
  const slots = parts.map((part) => slotsOf(layout, part));
  return () => {
    for (let b = 0; b < B; b++) {
      const from = b * layout.width;
      parts.forEach(({ field }, p) => {
        const to = (b * F + field) * D;
        for (let j = 0; j < D; j++) {
          let value = isProduct ? 1 : 0;
          for (const slot of slots[p]) {
            const s = S[from + slot + j];
            value = isProduct ? value * s : value + s;
          }
          V[to + j] = value;
        }
      });
    }
  };
}

/** Multiplies the other factors anew, since dividing the product by a factor fails where it is 0. */
export function combineBackward(op: OpOf<'combine-backward'>, memory: Memory): BoundOp {
  const { layout, parts } = op;
  const S = memory.floats(op.gathered);
  const DV = memory.floats(op.dVectors);
  const DS = memory.floats(op.dGathered);
  const [B, F, D] = op.dVectors.shape;
  const isProduct = op.combine === 'multiply';
  const slots = parts.map((part) => slotsOf(layout, part));
  return () => {
    for (let b = 0; b < B; b++) {
      const row = b * layout.width;
      parts.forEach(({ field }, p) => {
        const from = (b * F + field) * D;
        for (const own of slots[p]) {
          for (let j = 0; j < D; j++) {
            let value = DV[from + j];
            if (isProduct) for (const slot of slots[p]) if (slot !== own) value *= S[row + slot + j];
            DS[row + own + j] = value;
          }
        }
      });
    }
  };
}
