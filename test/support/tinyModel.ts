import type { Allocation, Block } from '../../src/compression/allocation.ts';
import type { DeviceData } from '../../src/backend/backend.ts';
import { buildModel, type ModelSpec } from '../../src/model/model.ts';
import { locate } from '../../src/program/lookup.ts';
import { LONG_SEGMENT, type Optimizer } from '../../src/program/operand.ts';
import type { Program, Step } from '../../src/program/program.ts';
import { Random } from '../../src/random/random.ts';

/** Blocks with these dims: dims[field] lists the dims of the field's blocks, equal shares of its rows. */
export function allocationOf(
  cardinalities: readonly number[],
  dims: readonly (readonly number[])[],
): Allocation {
  const baseDim = Math.max(...dims.flat());
  const blocks: Block[] = dims.flatMap((own, field) =>
    own.map((dim, k) => {
      const bound = (i: number) => Math.round((cardinalities[field] * i) / own.length);
      const rows = bound(k + 1) - bound(k);
      return {
        field,
        firstId: bound(k),
        rows,
        mass: 1 / own.length,
        popularity: 1 / rows,
        dim,
        tableParameters: rows * dim,
        projectionParameters: dim < baseDim ? dim * baseDim : 0,
      };
    }),
  );
  const sum = (part: (block: Block) => number) => blocks.reduce((total, block) => total + part(block), 0);
  const embeddingParameters = sum((block) => block.tableParameters);
  const projectionParameters = sum((block) => block.projectionParameters);
  return {
    method: 'mixed-dimension',
    alpha: 0.3,
    baseDim,
    blocks,
    embeddingParameters,
    projectionParameters,
    parameters: embeddingParameters + projectionParameters,
    paperParameters: embeddingParameters + projectionParameters,
    fields: cardinalities.map(() => ({ kind: 'blocks' })),
    sharedElements: 0,
    budget: null,
  };
}

export const sgd: Optimizer = { kind: 'sgd' };
export const adagrad: Optimizer = { kind: 'adagrad', epsilon: 1e-10 };
export const adam: Optimizer = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, amsgrad: false };
export const amsgrad: Optimizer = { ...adam, amsgrad: true };

export function dlrmSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [3, 17, 70, 5];
  return {
    model: 'dlrm',
    cardinalities,
    numericColumns: 3,
    labelMean: 0.3,
    allocation: allocationOf(cardinalities, [[5], [3, 2], [5, 2, 1], [4]]),
    bottomMlp: [7],
    topMlp: [9, 6],
    tableInit: 'xavier',
    optimizer: sgd,
    threshold: { start: -2, rate: 3, decay: 0 },
    l2: 0,
    batch: 11,
    trainSlots: 3,
    dataSlots: 4,
    evaluationSlots: 2,
    ...changes,
  };
}

export function factorizationSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [13, 29];
  return dlrmSpec({
    model: 'mf',
    cardinalities,
    numericColumns: 0,
    labelMean: 3.5,
    allocation: allocationOf(cardinalities, [
      [6, 3, 1],
      [6, 2],
    ]),
    tableInit: 'identity',
    l2: 0.1,
    ...changes,
  });
}

/** NCF that is trained on groups of a positive and two negatives. */
export function ncfSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  return factorizationSpec({
    model: 'ncf',
    ncfMlp: [7, 5],
    ranking: { loss: 'bpr', negatives: 2 },
    batch: 12,
    tableInit: 'xavier',
    ...changes,
  });
}

/** A field of every storage there is. */
export function storagesSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [3, 17, 70, 5, 40, 9, 11, 14, 12, 8];
  const baseDim = 5;
  const allocation = allocationOf(cardinalities, [[5], [3, 2], [5], [5], [5], [5], [5], [5], [5], [5]]);
  const digits = [
    { divisor: 1, rows: 9, dim: baseDim },
    { divisor: 9, rows: 8, dim: baseDim },
  ];
  const signatures = Uint32Array.from({ length: 2 * 189 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 0);
  return dlrmSpec({
    cardinalities,
    signatures,
    allocation: {
      ...allocation,
      sharedElements: 13,
      nonZeros: 20,
      fields: [
        { kind: 'shared', chunk: 2 },
        { kind: 'blocks' },
        { kind: 'partitions', combine: 'multiply', partitions: digits },
        { kind: 'similar', hashes: 2 },
        { kind: 'split', hot: 4, cold: 6 },
        {
          kind: 'partitions',
          combine: 'add',
          partitions: [...digits, { divisor: 1, rows: 4, dim: baseDim }],
        },
        { kind: 'sparse' },
        { kind: 'sparse', threshold: 'learnt' },
        { kind: 'codes', bits: 8 },
        { kind: 'codes', bits: 4 },
      ],
    },
    ...changes,
  });
}

/** Matrix factorisation whose fields share rows, so that biases need lookups of their own. */
export function sharingFactorizationSpec(changes: Partial<ModelSpec> = {}): ModelSpec {
  const cardinalities = [13, 29];
  const halves = [
    { divisor: 1, rows: 6, dim: 2 },
    { divisor: 6, rows: 5, dim: 2 },
  ];
  return factorizationSpec({
    allocation: {
      ...allocationOf(cardinalities, [[4], [4]]),
      sharedElements: 11,
      fields: [
        { kind: 'shared', chunk: 4 },
        { kind: 'partitions', combine: 'concatenate', partitions: halves },
      ],
    },
    tableInit: 'xavier',
    ...changes,
  });
}

/** Random examples and their update plans in every slot; returns the step of each training slot. */
export function fillData(program: Program, data: DeviceData, spec: ModelSpec, seed = 7): Step[] {
  const random = new Random(seed, 'test data');
  const fields = spec.cardinalities.length;
  const lookups = spec.batch * fields;
  const steps: Step[] = [];
  for (let slot = 0; slot < spec.dataSlots; slot++) {
    // The last training slot is a partial batch.
    const missing = spec.ranking ? 1 + spec.ranking.negatives : 2;
    const count = slot === spec.trainSlots - 1 ? spec.batch - missing : spec.batch;
    const ids = new Uint32Array(lookups);
    for (let i = 0; i < lookups; i++) ids[i] = random.below(spec.cardinalities[i % fields]);
    data.write(program.data.ids.name, slot * lookups, ids);
    if (program.data.numbers) {
      const numbers = Float32Array.from({ length: spec.batch * spec.numericColumns }, () => random.normal());
      data.write(program.data.numbers.name, slot * numbers.length, numbers);
    }
    const click = (spec.model === 'dlrm' && !spec.regression) || spec.ranking !== undefined;
    const labels = Float32Array.from({ length: spec.batch }, () =>
      click ? random.below(2) : 1 + random.below(5),
    );
    data.write(program.data.labels.name, slot * spec.batch, labels);
    if (slot < spec.trainSlots) steps.push(writePlan(program, data, spec, slot, count, ids));
  }
  return steps;
}

/** The plan by plain sorting: an oracle for the fast one. */
function writePlan(
  program: Program,
  data: DeviceData,
  spec: ModelSpec,
  slot: number,
  count: number,
  ids: Uint32Array,
): Step {
  const fields = spec.cardinalities.length;
  const { lookups: all } = program.data;
  const width = all.length;
  const lookups = spec.batch * width;
  const rows = Array.from({ length: count * width }, (_, i) => {
    const lookup = all[i % width];
    return locate(lookup, ids[Math.floor(i / width) * fields + lookup.field], spec.signatures);
  });
  const spaceOf = (occurrence: number) => all[occurrence % width].space;
  const order = [...rows.keys()].sort((a, b) => spaceOf(a) - spaceOf(b) || rows[a] - rows[b] || a - b);
  const starts: number[] = [];
  order.forEach((lookup, i) => {
    const previous = order[i - 1];
    if (i === 0 || spaceOf(previous) !== spaceOf(lookup) || rows[previous] !== rows[lookup]) starts.push(i);
  });
  const segments = starts.length;
  starts.push(order.length);
  const long = [...starts.keys()].filter((k) => k < segments && starts[k + 1] - starts[k] > LONG_SEGMENT);
  const { occurrences, starts: startsTensor, long: longTensor } = program.data.rowIndex;
  data.write(occurrences.name, slot * lookups, new Uint32Array(order));
  data.write(startsTensor.name, slot * (lookups + 1), new Uint32Array(starts));
  data.write(longTensor.name, slot * longTensor.shape[1], new Uint32Array(long));
  return { slot, count, segments, longSegments: long.length, learningRate: 0.1, step: 1, metricSlot: 0 };
}

export function dataTensors(program: Program) {
  return program.tensors.filter((tensor) => tensor.role === 'data');
}

export function buildProgram(spec: ModelSpec): Program {
  return buildModel(spec);
}
