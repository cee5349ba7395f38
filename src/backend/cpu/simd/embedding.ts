import type { EmbeddingLayout, Lookup } from '../../../program/lookup.ts';
import { adamFactors } from './dense.ts';
import { batchCopier, rowsCopier, type SimdOp } from './simdOp.ts';

/** The kernels want a block for every lookup. */
function holdsAll({ lookups }: EmbeddingLayout): boolean {
  return lookups.every(({ blocks }) => blocks > 0);
}

/** The update kernel reads all gradients of a segment from one slot, so lookups may not share a space. */
function haveOwnSpaces(lookups: readonly Lookup[]): boolean {
  return lookups.every(({ space }, i) => space === i);
}

export const gather: SimdOp<'gather'> = {
  suits: ({ layout }) => holdsAll(layout),
  scratch: ({ gathered, layout }) => [4 * gathered.shape[0] * layout.lookups.length],
  make({ data, layout, tables, gathered }, context, [ids]) {
    const { kernels, address } = context;
    const [FIELDS, BLOCKS, TABLES, S] = [layout.lookupTable, layout.blockTable, tables, gathered].map(
      address,
    );
    const [B, width] = gathered.shape;
    const F = layout.lookups.length;
    const copyRows = rowsCopier(data, ids, context);
    return ({ slot }) => {
      copyRows(slot);
      kernels.gather(ids, FIELDS, BLOCKS, TABLES, S, width, B, F);
    };
  },
};

/** Words of an Update in ../assembly/embedding.ts. */
const UPDATE_WORDS = 13;

export const embeddingUpdate: SimdOp<'embedding-update'> = {
  suits: ({ layout, data }) => holdsAll(layout) && haveOwnSpaces(data.lookups),
  scratch({ dGathered, layout }) {
    const lookups = dGathered.shape[0] * layout.lookups.length;
    const widest = Math.max(...layout.blocks.map((block) => block.dim));
    return [
      4 * UPDATE_WORDS,
      4 * lookups,
      4 * lookups,
      4 * (lookups + 1),
      4 * lookups,
      4 * widest,
      4 * widest,
    ];
  },
  make(op, context, scratch) {
    const { data, layout, optimizer, tables, dGathered, state, keepZeros } = op;
    const { kernels, address, linear } = context;
    const [update, ids, occurrences, starts, from, sum, before] = scratch;
    const [TABLES, ...S] = [tables, ...state].map(address);
    const [FIELDS, BLOCKS, DS] = [layout.lookupTable, layout.blockTable, dGathered].map(address);
    const [B, width] = dGathered.shape;
    const F = layout.lookups.length;
    const words = new Uint32Array(linear.memory.buffer, update, UPDATE_WORDS);
    const copies = [
      rowsCopier(data, ids, context),
      batchCopier(data.rowIndex.occurrences, occurrences, B * F, context),
      batchCopier(data.rowIndex.starts, starts, B * F + 1, context),
    ];
    return ({ slot, segments, learningRate, step }) => {
      for (const copy of copies) copy(slot);
      words.set([
        ids,
        occurrences,
        starts,
        FIELDS,
        BLOCKS,
        DS,
        4 * width,
        F,
        from,
        sum,
        keepZeros ? before : 0,
      ]);
      switch (optimizer.kind) {
        case 'sgd':
          return kernels.embeddingSgd(update, segments, TABLES, learningRate);
        case 'adagrad':
          return kernels.embeddingAdagrad(update, segments, TABLES, S[0], learningRate, optimizer.epsilon);
        case 'adam': {
          const factors = adamFactors(optimizer, learningRate, step);
          return kernels.embeddingAdam(update, segments, TABLES, S[0], S[1], S[2] ?? 0, ...factors);
        }
      }
    };
  },
};

export const l2Penalty: SimdOp<'l2-penalty'> = {
  scratch: () => [],
  make({ vectors, dVectors, weight }, { kernels, address }) {
    const [V, DV] = [vectors, dVectors].map(address);
    const [, F, D] = vectors.shape;
    return ({ count }) => kernels.addScaled(DV, V, (2 * weight) / count, count * F * D);
  },
};
