import {
  groupsOfColumns,
  isQuantised,
  type QuantisedActivation,
  type SavedActivation,
  VARIANCE_DECAY,
} from '../../../program/operand.ts';
import { elementCount } from '../../../program/tensor.ts';
import { type DispatchBuilder, type OpLowering, partsFor } from '../dispatchBuilder.ts';
import {
  bindings,
  type BufferBinding,
  counts,
  dispatch,
  type Kernel,
  type Operand,
  uniformStruct,
} from '../kernel.ts';

/** Threads of a workgroup of measure_deviations. */
const MEASURE_THREADS = 64;

const measureDeviationsKernel = {
  shader: 'measure_deviations',
  variant: {},
  sizes: uniformStruct(counts('parts', 'columns', 'exampleRows', 'groupsAt', 'valuesAt')),
  buffers: bindings(1, { constants: 'read', values: 'read', out: 'write' }),
};
const updateDeviationsKernel = {
  shader: 'update_deviations',
  variant: {},
  sizes: uniformStruct({
    ...counts('groups', 'partCount', 'exampleRows', 'groupsAt', 'deviationsAt'),
    decay: 'f32',
  }),
  buffers: bindings(1, { constants: 'read', parts: 'read', deviations: 'write' }),
};
const quantiseKernel = {
  shader: 'quantise',
  variant: {},
  sizes: uniformStruct(
    counts('words', 'elements', 'columns', 'groupsAt', 'valuesAt', 'codesAt', 'deviationsAt'),
  ),
  buffers: bindings(1, { constants: 'read', deviations: 'read', values: 'write', codes: 'write' }),
};

export const measureDeviations: OpLowering<'measure-deviations'> = (
  { values, quantised, batch },
  builder,
) => {
  const { groups, deviations } = quantised;
  const [rows, columns] = quantised.shape;
  const parts = partsFor(builder.tuning, MEASURE_THREADS * groups.length, rows, 2 * groups.length);
  builder.reserveScratch(2 * parts * groups.length);
  const groupsAt = placeGroups(quantised, builder);
  const exampleRows = rows / batch;
  return [
    dispatch(`measure-deviations ${values.name}`, measureDeviationsKernel, {
      constants: { WHOLE: groups.length === 1 ? 1 : 0 },
      sizes: { parts, columns, exampleRows, groupsAt, valuesAt: values.offset },
      operands: { constants: 'constants', values, out: 'scratch' },
      workgroups: parts * groups.length,
    }),
    dispatch(`update-deviations ${deviations.name}`, updateDeviationsKernel, {
      constants: { THREADS: builder.tuning.threads },
      sizes: {
        groups: groups.length,
        partCount: parts,
        exampleRows,
        groupsAt,
        deviationsAt: deviations.offset,
        decay: VARIANCE_DECAY,
      },
      operands: { constants: 'constants', parts: 'scratch', deviations },
      workgroups: builder.groupsFor(groups.length),
    }),
  ];
};

/** Of every group: its first column, its columns. */
function placeGroups({ groups }: QuantisedActivation, builder: DispatchBuilder): number {
  let first = 0;
  return builder.placeWords(groups.flatMap((columns) => [(first += columns) - columns, columns]));
}

export const quantise: OpLowering<'quantise'> = ({ values, quantised }, builder) => {
  const { codes, deviations, bits, relu, groups } = quantised;
  const words = elementCount(codes);
  const isGrouped = groups.length > 1;
  return [
    dispatch(`quantise ${codes.name}`, quantiseKernel, {
      constants: {
        THREADS: builder.tuning.threads,
        BITS: bits,
        RELU: relu ? 1 : 0,
        GROUPED: isGrouped ? 1 : 0,
      },
      sizes: {
        words,
        elements: elementCount(values),
        columns: quantised.shape[1],
        groupsAt: isGrouped ? builder.placeWords(groupsOfColumns(quantised)) : 0,
        valuesAt: values.offset,
        codesAt: codes.offset,
        deviationsAt: deviations.offset,
      },
      operands: { constants: 'constants', deviations, values, codes },
      workgroups: builder.groupsFor(words),
    }),
  ];
};

type Constants = Readonly<Record<string, number>>;

/** How a kernel that includes saved_$saved.wgsl is bound to a saved activation. */
export interface SavedBinding {
  readonly variant: { readonly saved: 'exact' | 'quantised' };
  readonly buffers: Readonly<Record<string, BufferBinding>>;
  readonly constants: Constants;
  readonly operands: Readonly<Record<string, Operand>>;
  /** Index of the first element. */
  readonly at: number;
}

/** Bindings 1 and 2 are those of the saved activation. */
export const FIRST_UNSAVED_BINDING = 3;

const exactBuffers = bindings(1, { saved: 'read' });
const quantisedBuffers = bindings(1, { saved: 'read', deviations: 'read' });

export function bindSaved(saved: SavedActivation): SavedBinding {
  if (!isQuantised(saved))
    return {
      variant: { saved: 'exact' },
      buffers: exactBuffers,
      constants: {},
      operands: { saved },
      at: saved.offset,
    };
  const { codes, deviations, bits, relu } = saved;
  return {
    variant: { saved: 'quantised' },
    buffers: quantisedBuffers,
    constants: { BITS: bits, SAVED_RELU: relu ? 1 : 0 },
    operands: { saved: codes, deviations },
    at: (codes.offset * 32) / bits,
  };
}

/** The kernel with the bindings of the saved activation before its own. */
export function savedKernel<K extends Kernel>(kernel: K, { variant, buffers }: SavedBinding) {
  return {
    ...kernel,
    variant: { ...kernel.variant, ...variant },
    buffers: { ...buffers, ...kernel.buffers },
  };
}
