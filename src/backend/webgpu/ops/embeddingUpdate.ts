import type { OpOf } from '../../../program/op.ts';
import { LONG_SEGMENT } from '../../../program/operand.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';
import { rowStride } from './embedding.ts';
import { coefficientMembers, coefficientsOf, kernelOf, stateOperands, structure } from './optimizer.ts';

/** Of shaders/embedding_segment.wgsl. */
const sizesOfUpdate = uniformStruct({
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
    'valuesAt',
    'recordWords',
    'seed',
  ),
  ...coefficientMembers,
});
const readBuffers = bindings(1, {
  constants: 'read',
  rows: 'read',
  occurrences: 'read',
  starts: 'read',
  dGathered: 'read',
});

export const embeddingUpdate: OpLowering<'embedding-update'> = (op, builder) => {
  const { data, layout, tables, keepZeros } = op;
  const held = layout.lookups.filter(({ blocks }) => blocks > 0).length;
  const shared = data.lookups.some(({ space }, i, all) => i > 0 && space === all[i - 1].space);
  return updateRows(op, builder, {
    shader: 'embedding_update',
    table: { values: tables },
    lanes: lanesFor(layout.width / held),
    constants: { KEEP_ZEROS: keepZeros ? 1 : 0, SHARED_SPACES: shared ? 1 : 0 },
    sizes: { valuesAt: tables.offset, recordWords: 0, seed: 0 },
  });
};

/** Threads side by side on the elements of a row: near the mean width, so that few are idle. */
function lanesFor(meanWidth: number): number {
  return [1, 4, 16].find((lanes) => meanWidth <= 1.5 * lanes) ?? 64;
}

/** What an update of rows of floats and one of rows of codes differ in. */
interface RowUpdate {
  readonly shader: string;
  /** Binding 6, by its name. */
  readonly table: Readonly<Record<string, Tensor>>;
  readonly lanes: number;
  readonly constants: Readonly<Record<string, number>>;
  readonly sizes: { readonly valuesAt: number; readonly recordWords: number; readonly seed: number };
}

/** A dispatch for the segments of the row index that a few threads sum, and one for the long ones. */
export function updateRows(
  op: OpOf<'embedding-update' | 'update-codes'>,
  builder: DispatchBuilder,
  { shader, table, lanes, constants, sizes }: RowUpdate,
): readonly Dispatch[] {
  const { kind, optimizer, data, layout, dGathered, state } = op;
  const { occurrences, starts, long } = data.rowIndex;
  const [batch, width] = dGathered.shape;
  const lookups = layout.lookups.length;
  const { lookupsAt, blocksAt } = builder.placeLayout(layout);
  const threads = Math.max(lanes, builder.tuning.threads);
  const [[tableName, { name }]] = Object.entries(table);
  const kernel = (segments: 'short' | 'long') => {
    const buffers = { ...readBuffers, ...bindings(6, { [tableName]: 'write' }) };
    const own = segments === 'long' ? { ...buffers, ...bindings(7, { long: 'read' }) } : buffers;
    const optimizerShader = optimizer.kind === 'adagrad' ? 'row_adagrad' : optimizer.kind;
    const { variant, ...rest } = kernelOf(shader, optimizerShader, sizesOfUpdate, own);
    return { ...rest, variant: { ...variant, segments } };
  };
  const given = {
    sizes: {
      width,
      lookups,
      batchLookups: batch * lookups,
      rowStride: rowStride(data),
      longSegment: LONG_SEGMENT,
      longStride: long.shape[1],
      lookupsAt,
      blocksAt,
      dGatheredAt: dGathered.offset,
      ...sizes,
      ...coefficientsOf(optimizer),
    },
    operands: {
      constants: 'constants',
      rows: data.rows,
      occurrences,
      starts,
      dGathered,
      long,
      ...table,
      ...stateOperands(optimizer, state),
    },
  } as const;
  const common = { LANES: lanes, ...constants, ...structure(optimizer) };
  return [
    dispatch(`${kind} ${name}`, kernel('short'), {
      ...given,
      constants: { ...common, THREADS: threads },
      workgroups: ({ segments }) => Math.ceil((segments * lanes) / threads),
    }),
    dispatch(`${kind} long ${name}`, kernel('long'), {
      ...given,
      constants: { ...common, THREADS: 256 },
      workgroups: ({ longSegments }) => longSegments,
    }),
  ];
}
