import { layoutEmbedding } from '../../../src/model/layoutEmbedding.ts';
import { initialScale } from '../../../src/model/tableInitial.ts';
import { type CodeBits, recordWords } from '../../../src/program/tensor.ts';
import type { OpOf } from '../../../src/program/op.ts';
import { adagrad, adam, amsgrad, sgd } from '../../support/tinyModel.ts';
import type { OpBench } from './support.ts';
import type { MakeOp } from './vectorCases.ts';
import { optimizerState } from '../../../src/model/dense.ts';

const widths = ([8, 4] as const).flatMap((bits) => [1, 7, 16, 70].map((dim) => ({ bits, dim })));

/** Every field but the second, with scales so small that some elements reach the limit. */
function tablesOf(t: OpBench, bits: CodeBits, dim: number) {
  const held = t.cardinalities.flatMap((rows, lookup) =>
    lookup === 1 ? [] : [{ lookup, firstId: 0, rows, dim, projected: false }],
  );
  const layout = layoutEmbedding(t.builder, 'coded', t.cardinalities.length, dim, held);
  const element = { kind: 'uniform', bound: 0.3 } as const;
  const scale = initialScale(element, bits) / 3;
  const initial = { kind: 'codes', bits, dim, scale, element } as const;
  const shape = [layout.rows, recordWords(dim, bits)];
  const records = t.builder.tensor('records', 'parameter', shape, { type: 'u32', initial });
  return { data: t.data, layout, bits, records };
}

export const gatherCodesCases: readonly MakeOp[] = widths.map(({ bits, dim }) => (t) => {
  const tables = tablesOf(t, bits, dim);
  return { kind: 'gather-codes', ...tables, gathered: t.zeros('gathered', t.batch, tables.layout.width) };
});

type MakeUpdate = (bench: OpBench) => OpOf<'update-codes'>;

export const updateCodesCases: readonly MakeUpdate[] = widths.flatMap(({ bits, dim }) =>
  [sgd, adagrad, adam, amsgrad].map((optimizer): MakeUpdate => (t) => {
    const tables = tablesOf(t, bits, dim);
    const { rows, tableElements, width } = tables.layout;
    return {
      kind: 'update-codes',
      ...tables,
      optimizer,
      seed: 77,
      dGathered: t.random('dGathered', t.batch, width),
      state: optimizerState(optimizer).map((name) => t.zeros(name, name === 'sum' ? rows : tableElements)),
    };
  }),
);
