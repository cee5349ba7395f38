import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildModel, type ModelSpec } from '../../../src/model/model.ts';
import { approximateActivations } from '../../../src/program/approximateActivations.ts';
import { ProgramBuilder } from '../../../src/program/builder.ts';
import { dataflowOf } from '../../../src/program/dataflow.ts';
import { assignMemory } from '../../../src/program/memory.ts';
import type { Program, Section } from '../../../src/program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../../src/program/tensor.ts';
import { allocationOf, dlrmSpec, factorizationSpec } from '../../support/tinyModel.ts';
import { modelSpecs } from '../../support/modelSpecs.ts';

const courses = fc.array(fc.constantFrom<Section>('train', 'evaluate'), { minLength: 1, maxLength: 5 });

describe('the memory plan', () => {
  test('never gives a tensor’s memory away before its last reader has run, for any model', () => {
    fc.assert(
      fc.property(modelSpecs, courses, (spec, course) => expectSound(buildModel(spec), course)),
      { numRuns: 200 },
    );
  });

  test('nor where activations are kept as codes', () => {
    fc.assert(
      fc.property(modelSpecs, courses, (spec, course) =>
        expectSound(approximateActivations(buildModel(spec), { bits: 4 }), course),
      ),
      { numRuns: 100 },
    );
  });

  test('never gives a tensor’s memory away before its last reader has run, for any line of ops', () => {
    fc.assert(fc.property(programs, courses, expectSound), { numRuns: 1000 });
  });

  test('places every tensor that owns memory once, in an area as large as its largest tensor', () => {
    fc.assert(
      fc.property(fc.oneof(modelSpecs.map(buildModel), programs), (program) => {
        const areas = assignMemory(program);
        const placed = areas.flatMap(({ tensors }) => tensors);
        expect(new Set(placed)).toEqual(new Set(program.tensors.filter(({ base }) => !base)));
        expect(placed.length).toBe(new Set(placed).size);
        expect(new Set(areas.map(({ name }) => name)).size).toBe(areas.length);
        for (const { elements, tensors } of areas)
          expect(elements).toBe(Math.max(...tensors.map(elementCount)));
      }),
      { numRuns: 200 },
    );
  });

  test('shares nothing but activations and gradients, and not the prediction', () => {
    fc.assert(
      fc.property(modelSpecs.map(buildModel), (program) => {
        for (const { tensors } of assignMemory(program)) {
          if (tensors.length === 1) continue;
          for (const { role } of tensors) expect(['activation', 'gradient']).toContain(role);
          expect(tensors).not.toContain(program.prediction);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('gives every tensor its own memory when told not to share', () => {
    for (const { tensors } of assignMemory(buildModel(dlrmSpec()), { share: false }))
      expect(tensors).toHaveLength(1);
  });

  test.each([
    [128, 0.78],
    [2048, 0.63],
  ])('at B = %i the Kaggle DLRM takes less than %d of what its layers ask for', (batch, ratio) => {
    const bytes = (share: boolean) =>
      assignMemory(buildModel(kaggle(batch)), { share })
        .filter(({ tensors: [{ role }] }) => role === 'activation' || role === 'gradient')
        .reduce((sum, area) => sum + 4 * area.elements, 0);
    expect(bytes(true) / bytes(false)).toBeLessThan(ratio);
  });

  test('is within 0.1 % of the bytes alive at the busiest op of that model', () => {
    const program = buildModel(kaggle(2048));
    const took = assignMemory(program)
      .filter(({ tensors }) => tensors.length > 1)
      .reduce((sum, area) => sum + area.elements, 0);
    expect(took).toBeLessThan(1.001 * busiest(program));
  });
});

/** Kaggle's bench: 26 fields of 1,000 rows, d = 16. */
function kaggle(batch: number): ModelSpec {
  const cardinalities = Array<number>(26).fill(1000);
  return dlrmSpec({
    cardinalities,
    allocation: allocationOf(
      cardinalities,
      cardinalities.map(() => [16]),
    ),
    numericColumns: 13,
    bottomMlp: [512, 256, 64],
    topMlp: [512, 256],
    batch,
  });
}

/**
 * Keeps book of which tensor an area's contents belong to, while sections run one after another.
 * Contents with an initial value belong to their tensor from the start.
 */
function expectSound(program: Program, course: readonly Section[]): void {
  const areas = assignMemory(program);
  const areaOf = new Map(areas.flatMap((area) => area.tensors.map((tensor) => [tensor, area] as const)));
  const holds = new Map(areas.map((area) => [area, area.tensors.length === 1 ? area.tensors[0] : null]));
  for (const section of course) {
    for (const op of program.sections[section]) {
      const { reads, overwrites } = dataflowOf(op);
      const writtenAreas = new Set(overwrites.map((tensor) => areaOf.get(storageOf(tensor))!));
      for (const tensor of reads.map(storageOf)) {
        const area = areaOf.get(tensor)!;
        expect(holds.get(area)?.name, `${op.kind} reads ${tensor.name}`).toBe(tensor.name);
        // WebGPU: no buffer both read-only and writable in a dispatch.
        if (!overwrites.map(storageOf).includes(tensor)) expect(writtenAreas).not.toContain(area);
      }
      const written = new Set(overwrites.map(storageOf));
      expect(writtenAreas.size, `${op.kind} writes two tensors to one area`).toBe(written.size);
      for (const tensor of written) holds.set(areaOf.get(tensor)!, tensor);
    }
    expect(holds.get(areaOf.get(storageOf(program.prediction))!)).toBe(storageOf(program.prediction));
  }
}

/** Most elements alive at one op of training, of tensors that share: what any plan must hold. */
function busiest(program: Program): number {
  const sharing = new Set(
    assignMemory(program).flatMap(({ tensors }) => (tensors.length > 1 ? tensors : [])),
  );
  const ops = program.sections.train.map((op) => {
    const { reads, overwrites } = dataflowOf(op);
    return new Set([...reads, ...overwrites].map(storageOf));
  });
  const alive = ops.map((_, i) =>
    [...sharing].filter((tensor) => {
      const first = ops.findIndex((named) => named.has(tensor));
      return first <= i && i <= ops.findLastIndex((named) => named.has(tensor));
    }),
  );
  return Math.max(...alive.map((tensors) => tensors.reduce((sum, each) => sum + elementCount(each), 0)));
}

const WIDTH = 6;
const POOL = 8;
/** A tensor of the pool: all of it, or one of its halves. */
const operand = fc.record({
  tensor: fc.nat(POOL - 1),
  part: fc.constantFrom<'whole' | 'low' | 'high'>('whole', 'low', 'high'),
});
const lineOps = fc.record({
  inputs: fc.array(operand, { minLength: 1, maxLength: 2 }),
  output: operand,
  sections: fc.constantFrom<readonly Section[]>(['train'], ['evaluate'], ['train', 'evaluate']),
});
type LineOp = typeof lineOps extends fc.Arbitrary<infer Op> ? Op : never;

/** Lines of ops over a small pool of tensors, wired at random: reads before writes, halves, dead writes. */
const programs = fc.array(lineOps, { minLength: 1, maxLength: 12 }).map(wire);

function wire(ops: readonly LineOp[]): Program {
  const builder = new ProgramBuilder();
  const pool = Array.from({ length: POOL }, (_, i) => {
    const elements = WIDTH * (1 + (i % 3));
    const whole = builder.tensor(`t${i}`, i % 2 === 0 ? 'activation' : 'gradient', [1, elements]);
    const half = (part: string, offset: number): Tensor =>
      builder.view(`t${i}.${part}`, whole, offset, [1, elements / 2]);
    return { whole, low: half('low', 0), high: half('high', elements / 2) };
  });
  for (const { inputs, output, sections } of ops) {
    const [x, mask] = inputs.map(({ tensor, part }) => pool[tensor][part]);
    const y = pool[output.tensor][output.part];
    // No op of a model names parts of one tensor as both input and output.
    if ([x, mask].some((input) => input && storageOf(input) === storageOf(y))) continue;
    builder.op({ kind: 'linear-backward-input', dy: x, weight: x, dx: y, mask }, ...sections);
  }
  const { tensors, sections } = builder;
  return { ...buildModel(factorizationSpec()), tensors, sections, prediction: pool[0].whole };
}
