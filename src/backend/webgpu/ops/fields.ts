import { elementCount, type Tensor } from '../../../program/tensor.ts';
import type { DispatchBuilder, OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, type Dispatch, dispatch, uniformStruct } from '../kernel.ts';

const encodeKernel = {
  shader: 'hash_encode',
  variant: {},
  sizes: uniformStruct(
    counts('elements', 'hashes', 'parts', 'fields', 'slotIds', 'seed', 'fieldsAt', 'outAt'),
  ),
  buffers: bindings(1, { constants: 'read', ids: 'read', out: 'write' }),
};
const copyKernel = {
  shader: 'copy_fields',
  variant: {},
  sizes: uniformStruct(counts('elements', 'parts', 'fields', 'baseDim', 'fieldsAt', 'vectorsAt', 'takenAt')),
  buffers: bindings(1, { constants: 'read', source: 'read', destination: 'write' }),
};

const readNumbersKernel = {
  shader: 'read_numbers',
  variant: {},
  sizes: uniformStruct(counts('elements', 'columns', 'outAt')),
  buffers: bindings(1, { numbers: 'read', out: 'write' }),
};

export const readNumbers: OpLowering<'read-numbers'> = ({ data, out }, builder) => {
  const elements = elementCount(out);
  return [
    dispatch(`read-numbers ${out.name}`, readNumbersKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: { elements, columns: out.shape[1], outAt: out.offset },
      operands: { numbers: data.numbers!, out },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const hashEncode: OpLowering<'hash-encode'> = ({ data, seed, fields, out }, builder) => {
  const [, batch, all] = data.ids.shape;
  const hashes = out.shape[1];
  const elements = batch * fields.length * hashes;
  return [
    dispatch(`hash-encode ${out.name}`, encodeKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        elements,
        hashes,
        parts: fields.length,
        fields: all,
        slotIds: batch * all,
        seed,
        fieldsAt: builder.placeWords(fields),
        outAt: out.offset,
      },
      operands: { constants: 'constants', ids: data.ids, out },
      workgroups: builder.groupsFor(elements),
    }),
  ];
};

export const putFields: OpLowering<'put-fields'> = ({ fields, taken, vectors }, builder) => [
  copyFields(builder, 'put-fields', fields, { taken, vectors }),
];

export const takeFields: OpLowering<'take-fields'> = ({ fields, taken, vectors }, builder) => [
  copyFields(builder, 'take-fields', fields, { taken, vectors }),
];

function copyFields(
  builder: DispatchBuilder,
  kind: 'put-fields' | 'take-fields',
  listed: readonly number[],
  { taken, vectors }: { readonly taken: Tensor; readonly vectors: Tensor },
): Dispatch {
  const [batch, fields, baseDim] = vectors.shape;
  const elements = batch * listed.length * baseDim;
  const isPut = kind === 'put-fields';
  return dispatch(`${kind} ${(isPut ? vectors : taken).name}`, copyKernel, {
    constants: { THREADS: builder.tuning.threads, PUT: isPut ? 1 : 0 },
    sizes: {
      elements,
      parts: listed.length,
      fields,
      baseDim,
      fieldsAt: builder.placeWords(listed),
      vectorsAt: vectors.offset,
      takenAt: taken.offset,
    },
    operands: isPut
      ? { constants: 'constants', source: taken, destination: vectors }
      : { constants: 'constants', source: vectors, destination: taken },
    workgroups: builder.groupsFor(elements),
  });
}
