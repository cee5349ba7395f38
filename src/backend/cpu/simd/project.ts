import type { EmbeddingLayout, FieldSlots } from '../../../program/lookup.ts';
import { type BatchData, isQuantised, type SavedActivation } from '../../../program/operand.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { BoundOp } from '../memory.ts';
import { savedOperand } from './quantisedActivation.ts';
import { panelBytes, rowsCopier, type SimdContext, type SimdOp } from './simdOp.ts';

export const project: SimdOp<'project'> = {
  suits: ({ parts, layout }) => areAllLookups(parts, layout),
  scratch: ({ layout, vectors }) => scratchSizes(layout, vectors),
  make({ data, layout, gathered, projections, vectors }, context, scratch) {
    return projection('project', { data, layout, gathered, projections, vectors }, context, scratch);
  },
};

export const projectBackwardInput: SimdOp<'project-backward-input'> = {
  suits: ({ parts, layout }) => areAllLookups(parts, layout),
  scratch: ({ layout, dVectors }) => scratchSizes(layout, dVectors),
  make({ data, layout, dGathered: gathered, projections, dVectors: vectors }, context, scratch) {
    return projection(
      'projectBackwardInput',
      { data, layout, gathered, projections, vectors },
      context,
      scratch,
    );
  },
};

export const projectBackwardWeight: SimdOp<'project-backward-weight'> = {
  suits: ({ parts, layout, gathered }) =>
    areAllLookups(parts, layout) && (!isQuantised(gathered) || haveGroupsInOrder(layout)),
  scratch: ({ layout, dVectors }) => scratchSizes(layout, dVectors),
  make({ data, layout, gathered, dProjections: projections, dVectors: vectors }, context, scratch) {
    return projection(
      'projectBackwardWeight',
      { data, layout, gathered, projections, vectors },
      context,
      scratch,
    );
  },
};

/** The kernels take lookup f for the vector of field f. */
function areAllLookups(parts: readonly FieldSlots[], { lookups }: EmbeddingLayout): boolean {
  return (
    parts.length === lookups.length &&
    parts.every(({ field, lookup, lookups: count }, i) => field === i && lookup === i && count === 1)
  );
}

/** The kernel takes group f for the slot of field f. */
function haveGroupsInOrder({ lookups }: EmbeddingLayout): boolean {
  return lookups.every(
    ({ slotWidth, slotOffset }, i) => slotWidth > 0 && (i === 0 || slotOffset > lookups[i - 1].slotOffset),
  );
}

/**
 * Examples that a kernel is given at once. It goes over them field by field, and a field's vectors are F·D
 * floats apart, most often in a page each: those of a chunk stay in the caches of lines and of pages, those of
 * a batch do not. A multiple of 8, so that the codes of a chunk begin at a word.
 */
const CHUNK = 32;

/** ids, examples, rows, wide, panel: see ../assembly/project.ts. */
function scratchSizes({ blocks }: EmbeddingLayout, { shape: [B, F, D] }: Tensor): readonly number[] {
  const widest = Math.max(...blocks.map((block) => block.dim));
  return [4 * B * F, 4 * CHUNK, 4 * CHUNK * widest, 4 * CHUNK * D, panelBytes(Math.max(CHUNK, D))];
}

interface Operands {
  readonly data: BatchData;
  readonly layout: EmbeddingLayout;
  /** These three, or their gradients. */
  readonly gathered: SavedActivation;
  readonly projections: Tensor | undefined;
  readonly vectors: Tensor;
}

/** The three kernels take the same arguments; the sum over examples takes those that count, the others all. */
function projection(
  name: 'project' | 'projectBackwardInput' | 'projectBackwardWeight',
  { data, layout, gathered, projections, vectors }: Operands,
  context: SimdContext,
  [ids, ...scratch]: readonly number[],
): BoundOp {
  const { kernels, address } = context;
  const [FIELDS, BLOCKS] = [layout.lookupTable, layout.blockTable].map(address);
  const [P, V] = [projections, vectors].map(address);
  const [S, bits, DEVIATIONS] = savedOperand(gathered, address);
  const [B, F, D] = vectors.shape;
  const copyRows = rowsCopier(data, ids, context);
  const isSum = name === 'projectBackwardWeight';
  const gatheredBytes = (layout.width * (bits || 32)) / 8;
  return ({ slot, count }) => {
    copyRows(slot);
    const examples = isSum ? count : B;
    for (let first = 0; first < examples; first += CHUNK) {
      const own = Math.min(CHUNK, examples - first);
      const codeArguments = isSum ? [bits, DEVIATIONS, first] : [];
      kernels[name](
        ids + 4 * F * first,
        FIELDS,
        BLOCKS,
        S + gatheredBytes * first,
        layout.width,
        P,
        V + 4 * F * D * first,
        own,
        F,
        D,
        ...scratch,
        ...codeArguments,
      );
    }
  };
}
