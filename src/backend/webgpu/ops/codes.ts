import { type CodeBits, recordWords } from '../../../program/codes.ts';
import { LONG_SEGMENT } from '../../../program/op.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpPlanner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';
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
      'storedAt',
    ),
  ),
  buffers: bindings(1, { constants: 'read', rows: 'read', records: 'read', stored: 'write' }),
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
    'dStoredAt',
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
  dStored: 'read',
  records: 'write',
});
const longBuffers = { ...updateBuffers, ...bindings(7, { long: 'read' }) };

export const gatherCodes: OpPlanner<'gather-codes'> = ({ data, layout, bits, records, stored }, planner) => {
  const [batch, width] = stored.shape;
  const { lookupsAt, blocksAt, columnsAt } = planner.placeLayout(layout);
  const elements = batch * width;
  return [
    dispatch(`gather-codes ${stored.name}`, gatherKernel, {
      constants: { THREADS: planner.tuning.threads, BITS: bits },
      sizes: {
        elements,
        width,
        lookups: layout.lookups.length,
        rowStride: rowStride(data),
        lookupsAt,
        blocksAt,
        columnsAt,
        stride: records.shape[1],
        storedAt: stored.offset,
      },
      operands: { constants: 'constants', rows: data.rows, records, stored },
      workgroups: planner.groupsFor(elements),
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

export const updateCodes: OpPlanner<'update-codes'> = (op, planner) => {
  const { optimizer, data, layout, bits, seed, records, dStored, state } = op;
  const { occurrences, starts, long } = data.plan;
  const [batch, width] = dStored.shape;
  const lookups = layout.lookups.length;
  const { lookupsAt, blocksAt } = planner.placeLayout(layout);
  const lanes = lanesFor(layout.blocks[0].dim, bits);
  const threads = Math.max(lanes, planner.tuning.threads);
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
    dStoredAt: dStored.offset,
    stride: records.shape[1],
    seed,
    ...coefficientsOf(optimizer),
  };
  const operands = {
    constants: 'constants',
    rows: data.rows,
    occurrences,
    starts,
    dStored,
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
