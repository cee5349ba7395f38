import type { QuantisedBits, QuantisedActivation } from '../../../src/program/operand.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';

const widths = [4, 8, 16] as const;

/** Random codes of a [rows, columns] tensor, and deviations from 0.3 up. */
export function quantised(
  t: OpBench,
  bits: QuantisedBits,
  [rows, ...groups]: readonly [rows: number, ...groups: number[]],
  relu: boolean,
): QuantisedActivation {
  const columns = groups.reduce((a, b) => a + b, 0);
  const words = Math.ceil((rows * columns * bits) / 32);
  const values = Uint32Array.from({ length: words }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  const deviations = Float32Array.from(groups, (_, i) => 0.3 + 0.17 * i);
  return {
    codes: t.builder.tensor('codes', 'activation', [words], {
      type: 'u32',
      initial: { kind: 'values', values },
    }),
    deviations: t.builder.tensor('deviations', 'activation', [groups.length], {
      initial: { kind: 'values', values: deviations },
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
    const own = quantised(t, 8, [rows * t.batch, ...groups], relu);
    const values = t.random('values', ...own.shape);
    return {
      kind: 'measure-deviations',
      values,
      quantised: { ...own, deviations: t.zeros('first', groups.length) },
      batch: t.batch,
    };
  }),
);

export const quantiseCases: readonly MakeOp[] = groupings.flatMap(({ groups, relu }) =>
  widths.map((bits): MakeOp => (t) => {
    const own = quantised(t, bits, [t.batch, ...groups], relu);
    return { kind: 'quantise', values: t.random('values', ...own.shape), quantised: own };
  }),
);

export const packedLinearCases: readonly MakeOp[] = widths.flatMap((bits) =>
  [1, 4, 67].map((width): MakeOp => (t) => ({
    kind: 'linear',
    x: quantised(t, bits, [t.batch, 37], true),
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
  mask: quantised(t, bits, [t.batch, 37], true),
}));

export const packedWeightCases: readonly MakeOp[] = widths.flatMap((bits) =>
  [1, 64, 67].map((width): MakeOp => (t) => ({
    kind: 'linear-backward-weight',
    x: quantised(t, bits, [t.batch, 37], true),
    dy: t.random('dy', t.batch, width),
    dWeight: t.zeros('dWeight', 37, width),
    dBias: t.zeros('dBias', width),
  })),
);

export const packedGatheredCases: readonly MakeOp[] = widths.map((bits): MakeOp => (t) => ({
  kind: 'project-backward-weight',
  data: t.data,
  layout: t.layout,
  parts: t.parts,
  gathered: quantised(t, bits, [t.batch, ...t.layout.lookups.map(({ slotWidth }) => slotWidth)], false),
  dVectors: t.random('dVectors', t.batch, t.fields, t.layout.baseDim),
  dProjections: t.randomView('dProjections', 9, t.layout.projectionElements),
}));
