import type { Backend } from '../../src/backend/backend.ts';
import { layoutEmbedding } from '../../src/model/layoutEmbedding.ts';
import { ProgramBuilder } from '../../src/program/builder.ts';
import { ownRows } from '../../src/program/lookup.ts';
import { type QuantisedBits, type QuantisedActivation } from '../../src/program/operand.ts';
import type { Op } from '../../src/program/op.ts';
import type { Program, Step } from '../../src/program/program.ts';
import type { Tensor } from '../../src/program/tensor.ts';

/** What a backend makes of a column of values under a deviation. */
export interface Quantised {
  readonly codes: readonly number[];
  /** The gradient that linear-backward-input lets through. */
  readonly mask: readonly number[];
  /** What products read: signed, and that of a ReLU. */
  readonly approximate: Float32Array;
  readonly relu: Float32Array;
}

/**
 * Packs a column of values and reads the codes back through the ops that unpack them: products with the
 * identity give the values themselves.
 */
export async function quantise(
  backend: Backend,
  values: Float32Array,
  bits: QuantisedBits,
  deviation: number,
): Promise<Quantised> {
  const n = values.length;
  const builder = new ProgramBuilder();
  const tensor = (name: string, shape: readonly number[], contents?: Float32Array | Uint32Array): Tensor =>
    builder.tensor(name, 'activation', shape, {
      type: contents instanceof Uint32Array ? 'u32' : 'f32',
      ...(contents && { initial: { kind: 'values', values: contents } }),
    });
  const x = tensor('x', [n, 1], values);
  const identity = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const quantised: QuantisedActivation = {
    codes: tensor('codes', [Math.ceil((n * bits) / 32)], new Uint32Array(Math.ceil((n * bits) / 32))),
    deviations: tensor('deviations', [1], Float32Array.of(deviation)),
    bits,
    shape: [n, 1],
    groups: [1],
    relu: false,
  };
  const rectified: QuantisedActivation = { ...quantised, relu: true };
  const layout = layoutEmbedding(builder, 'layout', 1, n, [
    { lookup: 0, firstId: 0, rows: 1, dim: 1, projected: true },
  ]);
  const u32 = { type: 'u32' } as const;
  const ids = builder.tensor('ids', 'data', [1, n, 1], u32);
  const data = {
    ids,
    lookups: ownRows([1]),
    rows: ids,
    signatures: undefined,
    numbers: undefined,
    labels: builder.tensor('labels', 'data', [1, n]),
    rowIndex: {
      occurrences: builder.tensor('occurrences', 'data', [1, n], u32),
      starts: builder.tensor('starts', 'data', [1, n + 1], u32),
      long: builder.tensor('long', 'data', [1, Math.floor(n / 64) + 1], u32),
    },
  };
  const dWeight = tensor('dWeight', [1, n]);
  const dProjections = tensor('dProjections', [n]);
  const dx = tensor('dx', [n, 1]);
  const train: readonly Op[] = [
    { kind: 'quantise', values: x, quantised },
    {
      kind: 'linear-backward-input',
      dy: tensor('ones', [n, 1], new Float32Array(n).fill(1)),
      weight: tensor('one', [1, 1], Float32Array.of(1)),
      dx,
      mask: rectified,
    },
    {
      kind: 'linear-backward-weight',
      x: rectified,
      dy: tensor('dy', [n, n], identity),
      dWeight,
      dBias: tensor('dBias', [n]),
    },
    {
      kind: 'project-backward-weight',
      data,
      layout,
      parts: [{ field: 0, lookup: 0, lookups: 1 }],
      gathered: quantised,
      dVectors: tensor('dVectors', [n, 1, n], identity),
      dProjections,
    },
  ];
  const program: Program = {
    batch: n,
    tensors: builder.tensors,
    sections: { train, evaluate: [], prune: [] },
    data,
    losses: builder.tensor('losses', 'metric', [4]),
    predictions: builder.tensor('predictions', 'metric', [1, n]),
    prediction: tensor('prediction', [n, 1]),
  };
  const held = backend.createData(program.tensors.filter(({ role }) => role === 'data'));
  held.write(
    'occurrences',
    0,
    Uint32Array.from({ length: n }, (_, i) => i),
  );
  held.write('starts', 0, Uint32Array.of(0, n));
  const execution = await backend.prepare(program, held, 1);
  execution.run('train', [oneStep(n)]);
  const [words, mask, approximate, relu] = await Promise.all(
    [quantised.codes, dx, dProjections, dWeight].map((each) => execution.read(each)),
  );
  execution.destroy();
  held.destroy();
  return {
    codes: codesIn(words as Uint32Array, bits, n),
    mask: [...mask],
    approximate: approximate as Float32Array,
    relu: relu as Float32Array,
  };
}

function oneStep(count: number): Step {
  return { slot: 0, count, segments: 1, longSegments: 0, learningRate: 0, step: 1, metricSlot: 0 };
}

function codesIn(words: Uint32Array, bits: QuantisedBits, count: number): readonly number[] {
  const inWord = 32 / bits;
  return Array.from(
    { length: count },
    (_, i) => (words[Math.floor(i / inWord)] >>> ((i % inWord) * bits)) & (2 ** bits - 1),
  );
}
