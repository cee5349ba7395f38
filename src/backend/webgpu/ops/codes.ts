import { type CodeBits, recordWords } from '../../../program/tensor.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import { gatherRows } from './embedding.ts';
import { updateRows } from './embeddingUpdate.ts';

export const gatherCodes: OpLowering<'gather-codes'> = (op, builder) => {
  const { bits, records } = op;
  return gatherRows(op, builder, {
    variant: 'codes',
    table: { records },
    constants: { BITS: bits },
    sizes: { tablesAt: 0, recordWords: records.shape[1] },
  });
};

/** Threads side by side on the words of a row: a power of two. See MAX_ELEMENTS of shaders/embedding_move_codes.wgsl. */
function lanesFor(dim: number, bits: CodeBits): number {
  const words = recordWords(dim, bits) - 1;
  const lanes = Math.min(64, 2 ** Math.ceil(Math.log2(words)));
  if (dim > 16 * lanes) throw new Error(`rows of ${dim} codes are wider than the kernels take: 1,024`);
  return lanes;
}

export const updateCodes: OpLowering<'update-codes'> = (op, builder) => {
  const { layout, bits, seed, records } = op;
  return updateRows(op, builder, {
    shader: 'embedding_update_codes',
    table: { records },
    lanes: lanesFor(layout.blocks[0].dim, bits),
    constants: { BITS: bits },
    sizes: { valuesAt: 0, recordWords: records.shape[1], seed },
  });
};
