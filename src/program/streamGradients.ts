import { FlatTensors, ProgramBuilder } from './builder.ts';
import type { Op, OpOf } from './op.ts';
import { type GradientFactors, type GradientPiece, isQuantised, type SavedActivation } from './operand.ts';
import type { Program } from './program.ts';
import { elementCount, type Initial, storageOf, type Tensor } from './tensor.ts';

type WeightGradient = OpOf<'linear-backward-weight'>;

/** Blocks of examples that a batch is streamed in: each is one power step, and eight dispatches. */
const SUB_BATCHES = 2;
/** Sub-batches are whole multiples of this, so that rows of quantised activations begin in a word of their own. */
const ROW_QUANTUM = 8;

/**
 * The same program, whose dense layers have gradients of rank k that are carried from batch to batch:
 * Δ·diag(σ)·Xᵀ (here the transpose, as weights are [in, out]) follows the batches by block power steps,
 * and the update makes each element of it as it goes. No gradient [in, out] exists, and a layer takes
 * k(in + out + 1) floats for it; layers for which that is no less keep their exact gradient, and so do
 * biases and projections, whose [dim, D] gradients are hardly larger than their factors.
 * Optimiser state stays what it is: element by element.
 * Hoskins et al. 2019, arXiv 1903.01635; Huang et al. 2020, arXiv 2004.12041.
 */
export function streamGradients(program: Program, rank: number): Program {
  const update = program.sections.train.find((op) => op.kind === 'dense-update');
  const layers = factoredLayers(program, rank);
  if (!update || layers.length === 0) return program;
  const builder = new ProgramBuilder();
  const streamed = declareFactors(builder, layers, rank);
  const { moved, pieces, gradients } = withoutWeights(update, program.tensors, streamed);
  const replace = (tensor: Tensor): Tensor => moved.get(tensor) ?? tensor;
  const zeros = builder.tensor('gradient.zeros', 'constant', [rank], { layer: 'dense' });
  const factors = storageOf(streamed.get(layers[0])!.left);
  const energies = declareEnergies(builder, layers);
  const train = program.sections.train.flatMap((op): readonly Op[] => {
    const own = op.kind === 'linear-backward-weight' ? streamed.get(op) : undefined;
    if (own) {
      const layer = mapTensors(op as WeightGradient, replace);
      const { x, dy } = layer;
      const measure = { kind: 'measure-gradient', x, dy, factors: own, energies: energies.get(op)! } as const;
      return [...stream(builder, layer, own, zeros), measure];
    }
    if (op !== update) return [mapTensors(op, replace)];
    const { optimizer, parameters, state } = update;
    return [{ kind: 'factored-update', optimizer, parameters, gradients, factors, pieces, state }];
  });
  const gone = new Set(layers.map(({ dWeight }) => dWeight));
  const remaining = program.tensors.filter((tensor) => !gone.has(tensor)).map(replace);
  const spectra = layers.map((op) => {
    return { layer: op.dWeight.layer, sigma: streamed.get(op)!.sigma, energies: energies.get(op)! };
  });
  return {
    ...program,
    tensors: [...remaining, ...builder.tensors],
    sections: { ...program.sections, train },
    spectra,
  };
}

function factoredLayers({ sections }: Program, rank: number): readonly WeightGradient[] {
  return sections.train.filter((op): op is WeightGradient => {
    if (op.kind !== 'linear-backward-weight') return false;
    const [inputs, outputs] = op.dWeight.shape;
    const own = Math.min(rank, inputs, outputs);
    return own * (inputs + outputs + 1) < inputs * outputs;
  });
}

/** Random vectors, which the first QR makes orthonormal. */
function normal(length: number): Initial {
  return { kind: 'normal', deviation: 1 / Math.sqrt(length) };
}

/** The factors of all layers in one flat tensor, so that one dispatch updates them. They outlast the step. */
function declareFactors(
  builder: ProgramBuilder,
  layers: readonly WeightGradient[],
  rank: number,
): ReadonlyMap<Op, GradientFactors> {
  const flat = new FlatTensors();
  for (const { dWeight } of layers) {
    const { name, layer, shape } = dWeight;
    const [inputs, outputs] = shape;
    const own = Math.min(rank, inputs, outputs);
    flat.add(`${name}.left`, [inputs, own], layer, normal(inputs));
    flat.add(`${name}.right`, [own, outputs], layer, normal(outputs));
    flat.add(`${name}.sigma`, [own], layer, { kind: 'zeros' });
  }
  const { parts } = flat.build(builder, 'dense.factors', 'gradient');
  return new Map(
    layers.map((op) => {
      const part = (suffix: string): Tensor => parts.get(`${op.dWeight.name}.${suffix}`)!;
      return [op, { left: part('left'), right: part('right'), sigma: part('sigma') }];
    }),
  );
}

/** Three floats a row of every gradient, in one tensor. */
function declareEnergies(
  builder: ProgramBuilder,
  layers: readonly WeightGradient[],
): ReadonlyMap<Op, Tensor> {
  const flat = new FlatTensors();
  for (const { dWeight } of layers)
    flat.add(`${dWeight.name}.energies`, [dWeight.shape[0], 3], dWeight.layer, { kind: 'zeros' });
  const { parts } = flat.build(builder, 'gradient.energies', 'metric');
  return new Map(layers.map((op) => [op, parts.get(`${op.dWeight.name}.energies`)!]));
}

/** The flat gradient without the weights that have factors: what becomes of its views, and of the update. */
function withoutWeights(
  { gradients: flat }: OpOf<'dense-update'>,
  tensors: readonly Tensor[],
  streamed: ReadonlyMap<Op, GradientFactors>,
) {
  const weights = [...streamed]
    .map(([op, factors]) => ({ weight: (op as WeightGradient).dWeight, factors }))
    .toSorted((a, b) => a.weight.offset - b.weight.offset);
  const removedBefore = (offset: number): number =>
    weights.reduce((sum, { weight }) => (weight.offset < offset ? sum + elementCount(weight) : sum), 0);
  const total = elementCount(flat);
  const gradients: Tensor = { ...flat, shape: [total - removedBefore(total)] };
  const gone = new Set(weights.map(({ weight }) => weight));
  const moved = new Map([[flat, gradients]]);
  for (const view of tensors) {
    if (view.base !== flat || gone.has(view)) continue;
    moved.set(view, { ...view, base: gradients, offset: view.offset - removedBefore(view.offset) });
  }
  const pieces: GradientPiece[] = [];
  let first = 0;
  const exactTo = (end: number): void => {
    const exactAt = first - removedBefore(first);
    if (end > first) pieces.push({ first, rows: 1, columns: end - first, exactAt });
    first = end;
  };
  for (const { weight, factors } of weights) {
    exactTo(weight.offset);
    const [rows, columns] = weight.shape;
    pieces.push({ first, rows, columns, factors, exactAt: 0 });
    first += rows * columns;
  }
  exactTo(total);
  return { moved, pieces, gradients };
}

/**
 * The ops of one layer, over sub-batches i = 0, 1, … of n: with A its rows of x and D those of dy,
 *     left ← QR((i+1)/(i+2)·left + n/(i+2)·Aᵀ(D·rightᵀ)/σ)
 *     right ← QR((i+1)/(i+2)·right + n/(i+2)·W/σ), W = (A·left)ᵀD
 *     σ ← (i+1)/(i+2)·σ + n/(i+2)·rowsum(right ⊙ W)
 * What dy holds is divided by the batch's examples, so that n times a sub-batch's sum is its estimate of the
 * gradient. The paper's colsum((DΔ) ⊙ (AX)) is the same sum as in the last line, without another product.
 */
function stream(
  builder: ProgramBuilder,
  { x, dy, dWeight, dBias }: WeightGradient,
  { left, right, sigma }: GradientFactors,
  zeros: Tensor,
): readonly Op[] {
  const [rows] = x.shape;
  const [inputs, rank] = left.shape;
  const outputs = right.shape[1];
  const { name, layer } = dWeight;
  const most = Math.ceil(rows / SUB_BATCHES / ROW_QUANTUM) * ROW_QUANTUM;
  const count = Math.ceil(rows / most);
  const projected = builder.tensor(`${name}.projected`, 'gradient', [Math.min(most, rows), rank], { layer });
  const size = Math.max((inputs + 1) * rank, (rank + 1) * outputs);
  const step = builder.tensor(`${name}.step`, 'gradient', [size], { layer });
  const leftStep = builder.view(`${name}.leftStep`, step, 0, [inputs, rank]);
  const unused = builder.view(`${name}.unused`, step, inputs * rank, [rank]);
  const rightStep = builder.view(`${name}.rightStep`, step, 0, [rank, outputs]);
  const sums = builder.view(`${name}.sums`, step, rank * outputs, [outputs]);
  const bias = rank === zeros.shape[0] ? zeros : builder.view(`${name}.zeros`, zeros, 0, [rank]);
  return Array.from({ length: count }, (_, i): readonly Op[] => {
    const from = i * most;
    const own = Math.min(most, rows - from);
    const A = savedRowsOf(builder, x, from, own, name);
    const D = rowsOf(builder, dy, from, own, name);
    const Y = own === projected.shape[0] ? projected : rowsOf(builder, projected, 0, own, name);
    const weights = { keep: (i + 1) / (i + 2), gain: count / (i + 2) };
    const refine = { kind: 'refine-basis', sigma, ...weights } as const;
    return [
      { kind: 'linear-backward-input', dy: D, weight: right, dx: Y, mask: undefined },
      { kind: 'linear-backward-weight', x: A, dy: Y, dWeight: leftStep, dBias: unused },
      { ...refine, basis: left, along: 'columns', step: leftStep, measures: false, bias: undefined },
      { kind: 'linear', x: A, weight: left, bias, y: Y, activation: 'none' },
      { kind: 'linear-backward-weight', x: Y, dy: D, dWeight: rightStep, dBias: sums },
      {
        ...refine,
        basis: right,
        along: 'rows',
        step: rightStep,
        measures: true,
        bias: { sums, total: dBias, adds: i > 0 },
      },
    ];
  }).flat();
}

/** Rows from … from + count − 1 of a saved activation. Where they begin in a word: see ROW_QUANTUM. */
function savedRowsOf(
  builder: ProgramBuilder,
  saved: SavedActivation,
  from: number,
  count: number,
  user: string,
): SavedActivation {
  if (!isQuantised(saved)) return rowsOf(builder, saved, from, count, user);
  const { codes, bits, shape } = saved;
  const [rows, columns] = shape;
  if (count === rows) return saved;
  const name = `${codes.name}.rows.${from} for ${user}`;
  const words = Math.ceil((count * columns * bits) / 32);
  const offset = codes.offset + (from * columns * bits) / 32;
  const own = builder.view(name, storageOf(codes), offset, [words], { layer: codes.layer });
  return { ...saved, codes: own, shape: [count, columns] };
}

/** Rows from … from + count − 1 of a matrix. */
function rowsOf(builder: ProgramBuilder, tensor: Tensor, from: number, count: number, user: string): Tensor {
  const [rows, columns] = tensor.shape;
  if (count === rows) return tensor;
  const name = `${tensor.name}.rows.${from} for ${user}`;
  const { layer, offset } = tensor;
  return builder.view(name, storageOf(tensor), offset + from * columns, [count, columns], { layer });
}

/** The op with the tensors that it names itself replaced. */
function mapTensors<O extends Op>(op: O, replace: (tensor: Tensor) => Tensor): O {
  const entries = Object.entries(op).map(([name, value]) => [name, replace(value as Tensor)]);
  return Object.fromEntries(entries) as O;
}
