import type { GradientOp } from '../../../src/program/op.ts';
import { adagrad, adam, amsgrad, sgd } from '../../support/tinyModel.ts';
import { quantised } from './quantisedCases.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';

/** Bases of every rank that has its own way through the kernel: fewer and more than the lanes of a dot product. */
const bases: readonly [rank: number, length: number][] = [
  [1, 1],
  [1, 300],
  [5, 67],
  [16, 40],
  [19, 19],
  [64, 130],
];

function refine(t: OpBench, rank: number, length: number, along: 'columns' | 'rows', sigmas: number[]) {
  const shape = along === 'columns' ? [length, rank] : [rank, length];
  const elements = rank * length;
  const factors = t.random('factors', elements + rank + 9);
  const values = Float32Array.from({ length: rank }, (_, c) => sigmas[c % sigmas.length]);
  const step = t.random('step', elements + 12);
  const total = t.randomView('total', 4, 5);
  return {
    kind: 'refine-basis',
    basis: t.builder.view('basis', factors, 2, shape),
    along,
    step: t.builder.view('basis.step', step, 3, shape),
    sigma: t.builder.view('sigma', factors, elements + 4, [rank], { initial: { kind: 'values', values } }),
    keep: 0.5,
    gain: 0.5,
    measures: along === 'rows',
    bias:
      along === 'rows'
        ? { sums: t.builder.view('sums', step, 3 + elements, [5]), total, adds: rank > 5 }
        : undefined,
  } as const satisfies GradientOp;
}

export const gradientCases: Readonly<Record<GradientOp['kind'], readonly MakeOp[]>> = {
  'refine-basis': bases.flatMap(([rank, length]) =>
    (['columns', 'rows'] as const).flatMap((along) => [
      (t: OpBench) => refine(t, rank, length, along, [3, -2, 0.7]),
      (t: OpBench) => refine(t, rank, length, along, [0]),
      (t: OpBench) => refine(t, rank, length, along, [1, 0]),
    ]),
  ),
  'measure-gradient': [false, true].map((isQuantised): MakeOp => (t) => {
    const [inputs, outputs, rank] = [37, 67, 3];
    const factors = t.random('factors', (inputs + outputs + 1) * rank + 7);
    return {
      kind: 'measure-gradient',
      x: isQuantised ? quantised(t, 4, [t.batch, inputs], true) : t.randomView('x', 3, t.batch, inputs),
      dy: t.randomView('dy', 2, t.batch, outputs),
      factors: {
        left: t.builder.view('left', factors, 3, [inputs, rank]),
        right: t.builder.view('right', factors, 3 + inputs * rank, [rank, outputs]),
        sigma: t.builder.view('sigma', factors, 3 + (inputs + outputs) * rank, [rank]),
      },
      energies: t.randomView('energies', 5, inputs, 3),
    };
  }),
  'factored-update': [sgd, adagrad, adam, amsgrad].map((optimizer): MakeOp => (t) => {
    const [rows, columns, rank] = [t.batch, 5, 3];
    const factors = t.random('factors', 400 * 8);
    const left = t.builder.view('left', factors, 3, [rows, rank]);
    const right = t.builder.view('right', factors, 3 + rows * rank, [rank, columns]);
    const sigma = t.builder.view('sigma', factors, 3 + (rows + columns) * rank, [rank]);
    const first = 4;
    const end = first + rows * columns;
    const elements = end + 7;
    const names = { sgd: [], adagrad: ['sum'], adam: ['m', 'v'] }[optimizer.kind];
    const state = optimizer === amsgrad ? [...names, 'vMax'] : names;
    return {
      kind: 'factored-update',
      optimizer,
      parameters: t.randomView('parameters', 3, elements),
      gradients: t.randomView('gradients', 2, first + 7),
      factors,
      pieces: [
        { first: 0, rows: 1, columns: first, exactAt: 0 },
        { first, rows, columns, exactAt: 0, factors: { left, right, sigma } },
        { first: end, rows: 1, columns: 7, exactAt: first },
      ],
      state: state.map((name) => t.zeros(name, elements)),
    };
  }),
};
