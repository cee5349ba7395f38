import { groupsOfColumns, isPacked, type Kept, type Packed, UNIT_DECAY } from '../../../program/packed.ts';
import { elementCount } from '../../../program/tensor.ts';
import { bindings, type BufferBinding, dispatch, type Kernel, type Operand } from '../kernel.ts';
import { type OpPlanner, partsFor, type Planner } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';

/** Threads of a workgroup of measure_units. */
const MEASURE_THREADS = 64;

const measureUnitsKernel = {
  shader: 'measure_units',
  variant: {},
  sizes: uniformStruct(counts('parts', 'columns', 'exampleRows', 'groupsAt', 'valuesAt')),
  buffers: bindings(1, { constants: 'read', values: 'read', out: 'write' }),
};
const updateUnitsKernel = {
  shader: 'update_units',
  variant: {},
  sizes: uniformStruct({
    ...counts('groups', 'partCount', 'exampleRows', 'groupsAt', 'unitsAt'),
    decay: 'f32',
  }),
  buffers: bindings(1, { constants: 'read', parts: 'read', units: 'write' }),
};
const packKernel = {
  shader: 'pack',
  variant: {},
  sizes: uniformStruct(counts('words', 'elements', 'columns', 'groupsAt', 'valuesAt', 'codesAt', 'unitsAt')),
  buffers: bindings(1, { constants: 'read', units: 'read', values: 'write', codes: 'write' }),
};

export const measureUnits: OpPlanner<'measure-units'> = ({ values, packed, batch }, planner) => {
  const { groups, units } = packed;
  const [rows, columns] = packed.shape;
  const parts = partsFor(planner.tuning, MEASURE_THREADS * groups.length, rows, 2 * groups.length);
  planner.reserveScratch(2 * parts * groups.length);
  const groupsAt = placeGroups(packed, planner);
  const exampleRows = rows / batch;
  return [
    dispatch(`measure-units ${values.name}`, measureUnitsKernel, {
      constants: { WHOLE: groups.length === 1 ? 1 : 0 },
      sizes: { parts, columns, exampleRows, groupsAt, valuesAt: values.offset },
      operands: { constants: 'constants', values, out: 'scratch' },
      workgroups: parts * groups.length,
    }),
    dispatch(`update-units ${units.name}`, updateUnitsKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        groups: groups.length,
        partCount: parts,
        exampleRows,
        groupsAt,
        unitsAt: units.offset,
        decay: UNIT_DECAY,
      },
      operands: { constants: 'constants', parts: 'scratch', units },
      workgroups: planner.groupsFor(groups.length),
    }),
  ];
};

/** Of every group: its first column, its columns. */
function placeGroups({ groups }: Packed, planner: Planner): number {
  let first = 0;
  return planner.placeWords(groups.flatMap((columns) => [(first += columns) - columns, columns]));
}

export const pack: OpPlanner<'pack'> = ({ values, packed }, planner) => {
  const { codes, units, bits, relu, groups } = packed;
  const words = elementCount(codes);
  const isGrouped = groups.length > 1;
  return [
    dispatch(`pack ${codes.name}`, packKernel, {
      constants: {
        THREADS: planner.tuning.threads,
        BITS: bits,
        RELU: relu ? 1 : 0,
        GROUPED: isGrouped ? 1 : 0,
      },
      sizes: {
        words,
        elements: elementCount(values),
        columns: packed.shape[1],
        groupsAt: isGrouped ? planner.placeWords(groupsOfColumns(packed)) : 0,
        valuesAt: values.offset,
        codesAt: codes.offset,
        unitsAt: units.offset,
      },
      operands: { constants: 'constants', units, values, codes },
      workgroups: planner.groupsFor(words),
    }),
  ];
};

type Constants = Readonly<Record<string, number>>;

/** How a kernel that includes kept_$kept.wgsl is bound to what was kept. */
export interface KeptBinding {
  readonly variant: { readonly kept: 'exact' | 'packed' };
  readonly buffers: Readonly<Record<string, BufferBinding>>;
  readonly constants: Constants;
  readonly operands: Readonly<Record<string, Operand>>;
  /** Index of the first element. */
  readonly at: number;
}

/** Other buffers of such a kernel follow from binding 3. */
export const AFTER_KEPT = 3;

const exactBuffers = bindings(1, { kept: 'read' });
const packedBuffers = bindings(1, { kept: 'read', units: 'read' });

export function bindKept(kept: Kept): KeptBinding {
  if (!isPacked(kept))
    return {
      variant: { kept: 'exact' },
      buffers: exactBuffers,
      constants: {},
      operands: { kept },
      at: kept.offset,
    };
  const { codes, units, bits, relu } = kept;
  return {
    variant: { kept: 'packed' },
    buffers: packedBuffers,
    constants: { BITS: bits, KEPT_RELU: relu ? 1 : 0 },
    operands: { kept: codes, units },
    at: (codes.offset * 32) / bits,
  };
}

/** The kernel, bound to what was kept before its other buffers. */
export function keptKernel<K extends Kernel>(kernel: K, { variant, buffers }: KeptBinding) {
  return {
    ...kernel,
    variant: { ...kernel.variant, ...variant },
    buffers: { ...buffers, ...kernel.buffers },
  };
}
