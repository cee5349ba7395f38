import type { CodeBits, Packed } from '../../../src/program/packed.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';

const widths = [4, 8, 16] as const;

/** Random codes of a [rows, columns] tensor, and units from 0.3 up. */
export function packed(
  t: OpBench,
  bits: CodeBits,
  [rows, ...groups]: readonly [rows: number, ...groups: number[]],
  relu: boolean,
): Packed {
  const columns = groups.reduce((a, b) => a + b, 0);
  const words = Math.ceil((rows * columns * bits) / 32);
  const values = Uint32Array.from({ length: words }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  const units = Float32Array.from(groups, (_, i) => 0.3 + 0.17 * i);
  return {
    codes: t.builder.tensor('codes', 'activation', [words], {
      type: 'u32',
      initial: { kind: 'values', values },
    }),
    units: t.builder.tensor('units', 'activation', [groups.length], {
      initial: { kind: 'values', values: units },
    }),
    bits,
    shape: [rows, columns],
    groups,
    relu,
  };
}

/** One group with a ReLU, as layers have, and three without, as slots. */
const groupings = [
  { groups: [37], relu: true },
  { groups: [3, 1, 7], relu: false },
] as const;

export const measureCases: readonly MakeOp[] = groupings.flatMap(({ groups, relu }) =>
  [1, 3].map((rows): MakeOp => (t) => {
    const own = packed(t, 8, [rows * t.batch, ...groups], relu);
    const values = t.random('values', ...own.shape);
    return {
      kind: 'measure-units',
      values,
      packed: { ...own, units: t.zeros('first', groups.length) },
      batch: t.batch,
    };
  }),
);

export const packCases: readonly MakeOp[] = groupings.flatMap(({ groups, relu }) =>
  widths.map((bits): MakeOp => (t) => {
    const own = packed(t, bits, [t.batch, ...groups], relu);
    return { kind: 'pack', values: t.random('values', ...own.shape), packed: own };
  }),
);

export const packedLinearCases: readonly MakeOp[] = widths.flatMap((bits) =>
  [1, 4, 67].map((width): MakeOp => (t) => ({
    kind: 'linear',
    x: packed(t, bits, [t.batch, 37], true),
    weight: t.randomView('weight', 7, 37, width),
    bias: t.randomView('bias', 3, width),
    y: t.zeros('y', t.batch, width),
    activation: 'none',
  })),
);

export const packedInputCases: readonly MakeOp[] = widths.map((bits): MakeOp => (t) => ({
  kind: 'linear-backward-input',
  dy: t.random('dy', t.batch, 5),
  weight: t.randomView('weight', 7, 37, 5),
  dx: t.zeros('dx', t.batch, 37),
  mask: packed(t, bits, [t.batch, 37], true),
}));

export const packedWeightCases: readonly MakeOp[] = widths.flatMap((bits) =>
  [1, 64, 67].map((width): MakeOp => (t) => ({
    kind: 'linear-backward-weight',
    x: packed(t, bits, [t.batch, 37], true),
    dy: t.random('dy', t.batch, width),
    dWeight: t.zeros('dWeight', 37, width),
    dBias: t.zeros('dBias', width),
  })),
);

export const packedStoredCases: readonly MakeOp[] = widths.map((bits): MakeOp => (t) => ({
  kind: 'project-backward-weight',
  data: t.data,
  layout: t.layout,
  parts: t.parts,
  stored: packed(t, bits, [t.batch, ...t.layout.lookups.map(({ slotWidth }) => slotWidth)], false),
  dVectors: t.random('dVectors', t.batch, t.fields, t.layout.baseDim),
  dProjections: t.randomView('dProjections', 9, t.layout.projectionElements),
}));
