import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/model.ts';
import { memoryLedger } from '../../../src/program/memory.ts';
import { elementCount } from '../../../src/program/tensor.ts';
import { adam, allocationOf, dlrmSpec, factorizationSpec } from '../../support/tinyModel.ts';

const kaggle = Array.from({ length: 26 }, (_, i) => 10 + i);

describe('DLRM', () => {
  it('has the 475,985 MLP parameters of the Kaggle bench beside its tables', () => {
    const allocation = allocationOf(
      kaggle,
      kaggle.map(() => [16]),
    );
    const program = buildModel(
      dlrmSpec({
        cardinalities: kaggle,
        numericColumns: 13,
        allocation,
        bottomMlp: [512, 256, 64],
        topMlp: [512, 256],
      }),
    );
    const parameterBytes = memoryLedger(program)
      .lines.filter(({ role }) => role === 'parameter')
      .reduce((sum, line) => sum + line.sizeBytes, 0);
    expect(parameterBytes / 4 - allocation.parameters).toBe(475_985);
  });

  it('has as many ops for 100 fields as for 4', () => {
    const ops = (fields: number) => {
      const cardinalities = Array.from({ length: fields }, () => 50);
      const allocation = allocationOf(
        cardinalities,
        cardinalities.map((_, i) => [1 + (i % 4)]),
      );
      return buildModel(dlrmSpec({ cardinalities, allocation })).sections.train.length;
    };
    expect(ops(100)).toBe(ops(4));
  });
});

describe('the memory ledger', () => {
  it.each([dlrmSpec(), factorizationSpec({ optimizer: adam })])(
    'counts every tensor once, $model',
    (spec) => {
      const program = buildModel(spec);
      const owned = program.tensors.filter((tensor) => !tensor.base);
      const total = owned.reduce((sum, tensor) => sum + 4 * elementCount(tensor), 0);
      expect(memoryLedger(program).askedBytes).toBe(total);
    },
  );

  it('counts exactly the allocation’s parameters under the layer embedding', () => {
    const spec = dlrmSpec();
    const line = memoryLedger(buildModel(spec)).lines.find(
      ({ role, layer }) => role === 'parameter' && layer === 'embedding',
    );
    expect(line!.sizeBytes).toBe(4 * spec.allocation.parameters);
  });
});
