import { type CodeBits, recordWords } from '../../../program/tensor.ts';
import { LONG_SEGMENT } from '../../../program/operand.ts';
import { bindings, dispatch, counts, uniformStruct } from '../kernel.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import { rowStride } from './embedding.ts';
import { coefficientMembers, coefficientsOf, kernelOf, stateOperands, structure } from './optimizer.ts';

const gatherKernel = {
  shader: 'embedding_gather_codes',
  variant: {},
  sizes: uniformStruct(
    counts(
      'elements',
      'width',
      'lookups',
      'rowStride',
      'lookupsAt',
      'blocksAt',
      'columnsAt',
      'stride',
      'gatheredAt',
    ),
  ),
  buffers: bindings(1, { constants: 'read', rows: 'read', records: 'read', gathered: 'write' }),
};

const updateSizes = uniformStruct({
  ...counts(
    'width',
    'lookups',
    'batchLookups',
    'rowStride',
    'longSegment',
    'longStride',
    'lookupsAt',
    'blocksAt',
    'dGatheredAt',
    'stride',
    'seed',
  ),
  ...coefficientMembers,
});
const updateBuffers = bindings(1, {
  constants: 'read',
  rows: 'read',
  occurrences: 'read',
  starts: 'read',
  dGathered: 'read',
  records: 'write',
});
const longBuffers = { ...updateBuffers, ...bindings(7, { long: 'read' }) };

export const gatherCodes: OpLowering<'gather-codes'> = (
  { data, layout, bits, records, gathered },
  builder,
) => {
  const [batch, width] = gathered.shape;
  const { lookupsAt, blocksAt, columnsAt } = builder.placeLayout(layout);
  const elements = batch * width;
  return [
    dispatch(`gather-codes ${gathered.name}`, gatherKernel, {
      constants: { THREADS: builder.tuning.threads, BITS: bits },
      sizes: {
        elements,
        width,
        lookups: layout.lookups.length,
        rowStride: rowStride(data),
        lookupsAt,
        blocksAt,
        columnsAt,
        stride: records.shape[1],
        gatheredAt: gathered.offset,
      },
      operands: { constants: 'constants', rows: data.rows, records, gathered },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

/** Threads side by side on the words of a row: a power of two. A lane holds 16 elements: HELD of embedding_move_codes.wgsl. */
function lanesFor(dim: number, bits: CodeBits): number {
  const words = recordWords(dim, bits) - 1;
  const lanes = Math.min(64, 2 ** Math.ceil(Math.log2(words)));
  if (dim > 16 * lanes) throw new Error(`rows of ${dim} codes are wider than the kernels take: 1,024`);
  return lanes;
}

export const updateCodes: OpLowering<'update-codes'> = (op, builder) => {
  const { optimizer, data, layout, bits, seed, records, dGathered, state } = op;
  const { occurrences, starts, long } = data.rowIndex;
  const [batch, width] = dGathered.shape;
  const lookups = layout.lookups.length;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const lanes = lanesFor(layout.blocks[0].dim, bits);
  const threads = Math.max(lanes, builder.tuning.threads);
  const shader = optimizer.kind === 'adagrad' ? 'row_adagrad' : optimizer.kind;
  const sizes = {
    width,
    lookups,
    batchLookups: batch * lookups,
    rowStride: rowStride(data),
    longSegment: LONG_SEGMENT,
    longStride: long.shape[1],
    lookupsAt,
    blocksAt,
    dGatheredAt: dGathered.offset,
    stride: records.shape[1],
    seed,
    ...coefficientsOf(optimizer),
  };
  const operands = {
    constants: 'constants',
    rows: data.rows,
    occurrences,
    starts,
    dGathered,
    records,
    ...stateOperands(optimizer, state),
  } as const;
  const constants = { LANES: lanes, BITS: bits, ...structure(optimizer) };
  return [
    dispatch(
      `update-codes ${records.name}`,
      kernelOf('embedding_update_codes', shader, updateSizes, updateBuffers),
      {
        constants: { ...constants, THREADS: threads },
        sizes,
        operands,
        workgroups: ({ segments }) => Math.ceil((segments * lanes) / threads),
      },
    ),
    dispatch(
      `update-codes long ${records.name}`,
      kernelOf('embedding_update_codes_long', shader, updateSizes, longBuffers),
      {
        constants: { ...constants, THREADS: 256 },
        sizes,
        operands: { ...operands, long },
        workgroups: ({ longSegments }) => longSegments,
      },
    ),
  ];
};
