import { batchCopier } from './batchCopier.ts';
import { adamFactors } from './optimizer.ts';
import type { SimdOp } from './simdOp.ts';

export const gather: SimdOp<'gather'> = {
  scratch: ({ stored, layout }) => [4 * stored.shape[0] * layout.fields.length],
  make({ data, layout, tables, stored }, context, [ids]) {
    const { kernels, address } = context;
    const [FIELDS, BLOCKS, TABLES, S] = [layout.fieldTable, layout.blockTable, tables, stored].map(address);
    const [B, width] = stored.shape;
    const F = layout.fields.length;
    const copyIds = batchCopier(data.ids, ids, B * F, context);
    return ({ slot }) => {
      copyIds(slot);
      kernels.gather(ids, FIELDS, BLOCKS, TABLES, S, width, B, F);
    };
  },
};

/** Words of an Update in ../assembly/embedding.ts. */
const UPDATE_WORDS = 12;

export const embeddingUpdate: SimdOp<'embedding-update'> = {
  scratch({ dStored, layout }) {
    const lookups = dStored.shape[0] * layout.fields.length;
    const widest = Math.max(...layout.blocks.map((block) => block.dim));
    return [4 * UPDATE_WORDS, 4 * lookups, 4 * lookups, 4 * (lookups + 1), 4 * lookups, 4 * widest];
  },
  make(op, context, scratch) {
    const { data, layout, optimizer, tables, dStored, state } = op;
    const { kernels, address, linear } = context;
    const [update, ids, occurrences, starts, from, sum] = scratch;
    const [TABLES, ...S] = [tables, ...state].map(address);
    const [FIELDS, BLOCKS, DS] = [layout.fieldTable, layout.blockTable, dStored].map(address);
    const [B, width] = dStored.shape;
    const F = layout.fields.length;
    const words = new Uint32Array(linear.memory.buffer, update, UPDATE_WORDS);
    const copies = [
      batchCopier(data.ids, ids, B * F, context),
      batchCopier(data.plan.occurrences, occurrences, B * F, context),
      batchCopier(data.plan.starts, starts, B * F + 1, context),
    ];
    return ({ slot, segments, learningRate, step }) => {
      for (const copy of copies) copy(slot);
      words.set([ids, occurrences, starts, FIELDS, BLOCKS, DS, 4 * width, F, from, sum]);
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
