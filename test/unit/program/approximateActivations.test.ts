import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildModel } from '../../../src/model/model.ts';
import { approximableLayers, approximateActivations } from '../../../src/program/approximateActivations.ts';
import { tensorsOf } from '../../../src/program/dataflow.ts';
import { memoryLedger, assignMemory } from '../../../src/program/memory.ts';
import type { QuantisedBits } from '../../../src/program/operand.ts';
import type { Program } from '../../../src/program/program.ts';
import { elementCount, type Tensor } from '../../../src/program/tensor.ts';
import { decodedSpec } from '../../support/computedModel.ts';
import { modelSpecs } from '../../support/modelSpecs.ts';
import { allocationOf, dlrmSpec, factorizationSpec } from '../../support/tinyModel.ts';

/** Kaggle's model with 26 fields of 1,000 rows, half of them of dim 4, half of D = 16. */
function kaggle(batch: number) {
  const cardinalities = Array<number>(26).fill(1000);
  const dims = cardinalities.map((_, field) => [field % 2 ? 16 : 4]);
  return dlrmSpec({
    cardinalities,
    allocation: allocationOf(cardinalities, dims),
    numericColumns: 13,
    bottomMlp: [512, 256, 64],
    topMlp: [512, 256],
    batch,
  });
}

function find(program: Program, name: string): Tensor {
  return program.tensors.find((tensor) => tensor.name === name)!;
}

describe('approximate activations', () => {
  const exact = buildModel(kaggle(2048));

  test('packs hidden activations and the input of projections, and nothing else', () => {
    const layers = ['embedding', 'bottom.0', 'bottom.1', 'bottom.2', 'top.0', 'top.1'];
    expect(approximableLayers(exact)).toEqual(layers);
    const program = approximateActivations(exact, { bits: 4 });
    const codes = program.tensors.filter(({ name }) => name.endsWith('.codes')).map(({ name }) => name);
    expect(codes).toEqual(
      ['embedding.gathered', ...layers.slice(1).map((layer) => `${layer}.out`)].map(
        (name) => `${name}.codes`,
      ),
    );
  });

  test.each<[QuantisedBits, number]>([
    [4, 7.5],
    [8, 3.9],
    [16, 1.99],
  ])('%i bits: what is kept takes at most 1/%d of the floats it stands for', (bits, ratio) => {
    const program = approximateActivations(exact, { bits });
    for (const codes of program.tensors.filter(({ name }) => name.endsWith('.codes'))) {
      const deviations = find(program, codes.name.replace(/codes$/, 'deviations'));
      const floats = find(program, codes.name.replace(/\.codes$/, ''));
      const kept = elementCount(codes) + elementCount(deviations);
      expect(elementCount(floats) / kept, codes.name).toBeGreaterThanOrEqual(ratio);
    }
  });

  test('the floats of a layer lie where others have been, and where gradients will be', () => {
    const areas = assignMemory(approximateActivations(exact, { bits: 8 }));
    const areaOf = (layer: string) =>
      areas.find(({ tensors }) => tensors.some(({ name }) => name === `${layer}.out`))!;
    expect(areaOf('top.0')).toBe(areaOf('bottom.0'));
    for (const layer of ['bottom.0', 'bottom.1', 'bottom.2', 'top.0', 'top.1'])
      expect(
        areaOf(layer).tensors.some(({ role }) => role === 'gradient'),
        layer,
      ).toBe(true);
  });

  test('at B = 2048 the peak falls by a quarter at 8 bits and by a third at 4', () => {
    const peak = (program: Program) => memoryLedger(program).peakBytes;
    const share = (bits: QuantisedBits) => peak(approximateActivations(exact, { bits })) / peak(exact);
    expect(share(8)).toBeLessThan(0.73);
    expect(share(4)).toBeLessThan(0.67);
  });

  test('no op of the backward pass names floats that are kept as codes; evaluation does not change', () => {
    fc.assert(
      fc.property(modelSpecs, fc.constantFrom<QuantisedBits>(4, 8, 16), (spec, bits) => {
        const before = buildModel(spec);
        const program = approximateActivations(before, { bits });
        expect(program.sections.evaluate).toBe(before.sections.evaluate);
        const { train } = program.sections;
        const forward = new Set(before.sections.evaluate);
        train.forEach((op, i) => {
          if (op.kind !== 'quantise') return;
          const readers = train.slice(i + 1).filter((later) => tensorsOf(later).includes(op.values));
          for (const reader of readers) expect(forward.has(reader) || reader.kind === 'linear').toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('leaves exact the layers that are told to be', () => {
    const program = approximateActivations(exact, { bits: 4, exact: new Set(['top.0', 'embedding']) });
    expect(find(program, 'top.0.out.codes')).toBeUndefined();
    expect(find(program, 'embedding.gathered.codes')).toBeUndefined();
    expect(find(program, 'top.1.out.codes')).toBeDefined();
  });

  test('a model with nothing to pack stays as it is', () => {
    const program = buildModel(factorizationSpec({ allocation: allocationOf([13, 29], [[4], [4]]) }));
    expect(approximateActivations(program, { bits: 4 })).toEqual(program);
  });

  test('packs the hidden layers of a decoder', () => {
    expect(approximableLayers(buildModel(decodedSpec()))).toEqual([
      'embedding.decoder.0',
      'embedding.decoder.1',
      'bottom.0',
      'top.0',
      'top.1',
    ]);
  });
});
