import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCpuBackend, type CpuExecution } from '../../../src/backend/cpu/backend.ts';
import { allocate } from '../../../src/compression/allocate.ts';
import { buildModel } from '../../../src/model/model.ts';
import { SCALE_RATE } from '../../../src/program/operand.ts';
import { codeLimit, readCode, recordWords, writeCode } from '../../../src/program/tensor.ts';
import type { Step } from '../../../src/program/program.ts';
import { withLossInEvaluation } from '../../support/lossInEvaluation.ts';
import { dataTensors, dlrmSpec, fillData, sgd } from '../../support/tinyModel.ts';

const bits = fc.constantFrom(8 as const, 4 as const);
const cardinalities = [3, 17, 70, 5];

async function prepare(method: 'int8' | 'int4', precision: 'f32' | 'f64' = 'f32', seed = 1) {
  const fields = cardinalities.map((cardinality, i) => ({ name: `f${i}`, cardinality }));
  const request = { method, alpha: 0, blocks: 1, popularity: 'rows', rounding: 'integer' } as const;
  const allocation = allocate(fields, { ...request, maxDim: 64, vectorDim: 6, budget: 1e6 });
  const spec = dlrmSpec({ cardinalities, allocation, optimizer: sgd, seed });
  const program = withLossInEvaluation(buildModel(spec));
  const backend = createCpuBackend({ precision, shareMemory: false });
  const data = backend.createData(dataTensors(program));
  const steps = fillData(program, data, spec);
  const execution = (await backend.prepare(program, data, 5)) as CpuExecution;
  const find = (name: string) => execution.peek(program.tensors.find((tensor) => tensor.name === name)!);
  const words = find(`embedding.${method}.records`) as Uint32Array;
  const update = program.sections.train.find((op) => op.kind === 'update-codes')!;
  return { execution, program, steps, words, update, find };
}

const scalesOf = (words: Uint32Array) => new Float32Array(words.buffer, words.byteOffset, words.length);

describe('codes in words', () => {
  it('are read as they were written, whatever lies beside them', () => {
    fc.assert(
      fc.property(bits, fc.integer({ min: 1, max: 70 }), fc.nat(2 ** 31), (width, dim, noise) => {
        const words = new Uint32Array(recordWords(dim, width) + 2).fill(noise);
        const limit = codeLimit(width);
        const codes = Array.from({ length: dim }, (_, j) => ((j * 37 + noise) % (2 * limit + 1)) - limit);
        codes.forEach((code, j) => writeCode(words, 1, j, width, code));
        expect(codes.map((_, j) => readCode(words, 1, j, width))).toEqual(codes);
        expect(words[0]).toBe(noise);
        expect(words[1]).toBe(noise);
        expect(words.at(-1)).toBe(noise);
      }),
    );
  });
});

describe.each(['int8', 'int4'] as const)('%s rows', (method) => {
  it('have gradients that agree with central differences of the scale in float64', async () => {
    const { execution, steps, words, update, find } = await prepare(method, 'f64');
    const [step] = steps;
    const { dim, rows: lastRows, firstRow } = update.layout.blocks.at(-1)!;
    const stride = recordWords(dim, update.bits);
    const scales = scalesOf(words);
    const before = words.slice();
    execution.run('train', [{ ...step, learningRate: 0 }]);
    const dGathered = Float64Array.from(find(`embedding.${method}.dGathered`));
    const ids = find('data.ids') as Uint32Array;
    const fields = cardinalities.length;
    let compared = 0;
    for (let row = 0; row < firstRow + lastRows; row++) {
      words.set(before);
      const block = update.layout.blocks.findLast((own) => own.firstRow <= row)!;
      const slot = update.layout.lookups[block.lookup].slotOffset;
      let gradient = 0;
      for (let b = 0; b < step.count; b++) {
        if (ids[b * fields + block.lookup] !== row - block.firstRow) continue;
        for (let j = 0; j < dim; j++)
          gradient +=
            dGathered[b * update.layout.width + slot + j] * readCode(words, row * stride, j, update.bits);
      }
      const scale = scales[row * stride];
      const loss = (factor: number): readonly [number, number] => {
        scales[row * stride] = scale * factor;
        const at = scales[row * stride];
        execution.run('evaluate', [step]);
        const losses = (find('loss.examples') as Float64Array).subarray(0, step.count);
        return [at, losses.reduce((sum, value) => sum + value, 0) / step.count];
      };
      const [[high, above], [low, below]] = [loss(1 + 2 ** -8), loss(1 - 2 ** -8)];
      const numeric = (above - below) / (high - low);
      if (gradient === 0) expect(numeric).toBe(0);
      else compared++;
      expect(Math.abs(numeric - gradient)).toBeLessThan(1e-5 * Math.max(1, Math.abs(gradient)));
    }
    expect(compared).toBeGreaterThan(10);
  });

  it('round up as often as the remainder says: a step much smaller than the scale counts on average', async () => {
    const { execution, words, update, steps } = await prepare(method);
    const dim = update.layout.blocks[0].dim;
    const stride = recordWords(dim, update.bits);
    const before = words.slice();
    const learningRate = 0.02;
    const sum = new Float64Array(words.length * 8);
    const rounds = 4000;
    let squares = 0;
    await execution.save();
    for (let round = 1; round <= rounds; round++) {
      await execution.restore();
      execution.run('train', [{ ...steps[0], learningRate, step: round }]);
      const scales = scalesOf(words);
      for (let row = 0; row < words.length / stride; row++)
        for (let j = 0; j < dim; j++)
          sum[row * dim + j] += scales[row * stride] * readCode(words, row * stride, j, update.bits);
    }
    // The same step without rounding: Δ·q − rate·gradient, for the first row of the largest field.
    const dGathered = update.dGathered;
    const gradients = (await execution.read(dGathered)) as Float32Array;
    const ids = (await execution.read(update.data.ids)) as Uint32Array;
    let checked = 0;
    for (const { lookup, rows, firstRow } of update.layout.blocks) {
      for (let row = 0; row < rows; row++) {
        const record = (firstRow + row) * stride;
        const scale = scalesOf(before)[record];
        for (let j = 0; j < dim; j++) {
          let gradient = 0;
          for (let b = 0; b < steps[0].count; b++)
            if (ids[b * cardinalities.length + lookup] === row)
              gradient += gradients[b * update.layout.width + update.layout.lookups[lookup].slotOffset + j];
          if (gradient === 0) continue;
          const exact = scale * readCode(before, record, j, update.bits) - learningRate * gradient;
          if (Math.abs(exact / scale) > codeLimit(update.bits) - 1) continue;
          const mean = sum[(firstRow + row) * dim + j] / rounds;
          const error = (scale / 2) * (1 + SCALE_RATE) * Math.sqrt(1 / rounds);
          squares += ((mean - exact) / error) ** 2;
          expect(Math.abs(mean - exact)).toBeLessThan(6 * error);
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(100);
    // Gaussian with at most the deviation assumed: the mean square is at most one.
    expect(squares / checked).toBeLessThan(1.1);
  });

  it('change their rounding with the seed, and with nothing else', async () => {
    const train = async (seed: number) => {
      const { execution, steps, words } = await prepare(method, 'f32', seed);
      const line = (step: Step, i: number) => ({ ...step, learningRate: 0.1, step: i + 1 });
      execution.run('train', steps.map(line));
      return words.slice();
    };
    expect(await train(1)).toEqual(await train(1));
    expect(await train(1)).not.toEqual(await train(2));
  });
});
