import type { Address, FieldSlots } from '../../../program/lookup.ts';
import type { OpOf } from '../../../program/op.ts';
import type { BatchData } from '../../../program/operand.ts';
import type { Tensor } from '../../../program/tensor.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';

const locateKernel = {
  shader: 'embedding_locate',
  variant: {},
  sizes: uniformStruct(counts('elements', 'lookups', 'fields', 'slotIds', 'addressesAt')),
  buffers: bindings(1, { constants: 'read', ids: 'read', signatures: 'read', rows: 'write' }),
};
const gatherSizes = uniformStruct(
  counts(
    'elements',
    'width',
    'lookups',
    'rowStride',
    'lookupsAt',
    'blocksAt',
    'columnsAt',
    'tablesAt',
    'recordWords',
    'gatheredAt',
  ),
);
const combineSizes = counts(
  'elements',
  'parts',
  'width',
  'fields',
  'baseDim',
  'partsAt',
  'lookupsAt',
  'gatheredAt',
);
const combineKernel = {
  shader: 'embedding_combine',
  variant: {},
  sizes: uniformStruct({ ...combineSizes, ...counts('vectorsAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', vectors: 'write' }),
};
const combineBackwardKernel = {
  shader: 'embedding_combine_backward',
  variant: {},
  sizes: uniformStruct({ ...combineSizes, ...counts('dVectorsAt', 'dGatheredAt') }),
  buffers: bindings(1, { constants: 'read', gathered: 'read', dVectors: 'read', dGathered: 'write' }),
};

/** Rows of a slot in data.rows; 0 where 'locate' makes them anew in every step. */
export function rowStride({ ids, rows }: BatchData): number {
  return rows === ids ? rows.shape[1] * rows.shape[2] : 0;
}

export const locate: OpLowering<'locate'> = ({ data }, builder) => {
  const [, batch, fields] = data.ids.shape;
  const lookups = data.lookups.length;
  const words = data.lookups.flatMap(({ field, address }) => [field, ...addressWords(address)]);
  return [
    dispatch('locate', locateKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        elements: batch * lookups,
        lookups,
        fields,
        slotIds: batch * fields,
        addressesAt: builder.placeWords(words),
      },
      operands: {
        constants: 'constants',
        ids: data.ids,
        signatures: data.signatures ?? data.ids,
        rows: data.rows,
      },
      workgroups: builder.groupsFor(batch * lookups),
    }),
  ];
};

/** Seven words of a lookup's address, as shaders/embedding_locate.wgsl reads them. */
function addressWords(address: Address): readonly number[] {
  switch (address.kind) {
    case 'digit':
      return [0, address.divisor, address.rows, 0, 0, 0, 0];
    case 'split':
      return [1, address.hot, address.cold, 0, 0, 0, 0];
    case 'hash':
      return [2, address.seed, address.part, address.within, address.rows, 0, 0];
    case 'signature': {
      const { seed, firstRow, dimension, picks, rows } = address;
      const bytes = picks.reduce((word, byte, k) => word + byte * 256 ** k, 0);
      return [3, seed, firstRow, dimension, picks.length, bytes, rows];
    }
  }
}

export const gather: OpLowering<'gather'> = (op, builder) =>
  gatherRows(op, builder, {
    variant: 'floats',
    table: { tables: op.tables },
    constants: {},
    sizes: { tablesAt: op.tables.offset, recordWords: 0 },
  });

/** What a gather from tables of floats and one from tables of codes differ in. */
interface GatheredTable {
  /** Of shaders/table_*.wgsl. */
  readonly variant: 'floats' | 'codes';
  /** Binding 3, by its name. */
  readonly table: Readonly<Record<string, Tensor>>;
  readonly constants: Readonly<Record<string, number>>;
  readonly sizes: { readonly tablesAt: number; readonly recordWords: number };
}

export function gatherRows(
  { kind, data, layout, gathered }: OpOf<'gather' | 'gather-codes'>,
  builder: DispatchBuilder,
  { variant, table, constants, sizes }: GatheredTable,
): readonly Dispatch[] {
  const [batch, width] = gathered.shape;
  const { lookupsAt, blocksAt, columnsAt } = builder.placeLayout(layout);
  const elements = batch * width;
  const [tableName] = Object.keys(table);
  const kernel = {
    shader: 'embedding_gather',
    variant: { table: variant },
    sizes: gatherSizes,
    buffers: bindings(1, { constants: 'read', rows: 'read', [tableName]: 'read', gathered: 'write' }),
  };
  return [
    dispatch(`${kind} ${gathered.name}`, kernel, {
      constants: { THREADS: builder.tuning.threads, ...constants },
      sizes: {
        elements,
        width,
        lookups: layout.lookups.length,
        rowStride: rowStride(data),
        lookupsAt,
        blocksAt,
        columnsAt,
        ...sizes,
        gatheredAt: gathered.offset,
      },
      operands: { constants: 'constants', rows: data.rows, ...table, gathered },
      workgroups: builder.groupsFor(elements),
    }),
  ];
}

export const combine: OpLowering<'combine'> = (op, builder) => {
  const { gathered, vectors } = op;
  const sizes = sizesOfCombine(op, vectors.shape, builder);
  return [
    dispatch(`combine ${op.combine} ${vectors.name}`, combineKernel, {
      constants: structureOf(op, builder),
      sizes: { ...sizes, gatheredAt: gathered.offset, vectorsAt: vectors.offset },
      operands: { constants: 'constants', gathered, vectors },
      workgroups: builder.groupsFor(sizes.elements),
    }),
  ];
};

export const combineBackward: OpLowering<'combine-backward'> = (op, builder) => {
  const { gathered, dVectors, dGathered } = op;
  const sizes = sizesOfCombine(op, dVectors.shape, builder);
  return [
    dispatch(`combine-backward ${op.combine} ${dGathered.name}`, combineBackwardKernel, {
      constants: structureOf(op, builder),
      sizes: {
        ...sizes,
        gatheredAt: gathered.offset,
        dVectorsAt: dVectors.offset,
        dGatheredAt: dGathered.offset,
      },
      operands: { constants: 'constants', gathered, dVectors, dGathered },
      workgroups: builder.groupsFor(sizes.elements),
    }),
  ];
};

type CombineOp = OpOf<'combine'> | OpOf<'combine-backward'>;

function structureOf({ combine }: CombineOp, builder: DispatchBuilder): Readonly<Record<string, number>> {
  return { THREADS: builder.tuning.threads, MULTIPLY: combine === 'multiply' ? 1 : 0 };
}

function sizesOfCombine(
  { layout, parts }: CombineOp,
  [batch, fields, baseDim]: readonly number[],
  builder: DispatchBuilder,
) {
  return {
    elements: batch * parts.length * baseDim,
    parts: parts.length,
    width: layout.width,
    fields,
    baseDim,
    partsAt: builder.placeWords(partWords(parts)),
    lookupsAt: builder.placeLayout(layout).lookupsAt,
  };
}

/** Three words a part: field, first lookup, lookups. */
export function partWords(parts: readonly FieldSlots[]): readonly number[] {
  return parts.flatMap(({ field, lookup, lookups }) => [field, lookup, lookups]);
}
