import { copying, type Pieces, rangesOf } from '../../pieces/pieces.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import { storageOf, type Tensor } from '../../program/tensor.ts';
import { adam } from '../plan/buildProgram.ts';
import { type Matrix, type ModelState, partOf, vectorsOf } from '../weights/modelState.ts';
import { refittingBlock } from './refitBlock.ts';

/** The suffixes of the names of optimiser state: see optimizerState in model/dense.ts. */
const STATES = ['m', 'v', 'vMax', 'sum'] as const;
type StateName = (typeof STATES)[number];

/** Rows whose state is moved between two rests: a few milliseconds. */
const MOVED_ROWS = 2 ** 14;

/** Adam's second moment after one step, as a share of that step's g²: 1 − β₂. */
const AFTER_ONE_STEP = 1 - adam.beta2;

/**
 * Fills the state of `next`, which holds fresh initial values, with what `before` has learnt. For tables and projections see
 * refittingBlock. Where vectors get longer, the last bottom layer has fresh outputs, and the first top layer reads them with weights of
 * 0. So a model that only grows predicts what it did before.
 *
 * Optimiser state goes with its elements:
 * - A truncated table and its projection have other elements than before. They start with a first moment of 0 and the mean of the
 *   old second moments (in tables: of the row), so that steps keep their length. Second moments of 0 would make the next steps
 *   about 1/√(1 − β₂) times too long.
 * - New directions start as if they had made one step with such a gradient. Their gradients are small at first, and under the old
 *   moments they would learn hardly anything before the run is over.
 * - Accumulators of a whole row stay with the row.
 *
 * Returns what the vectors lost, as a share of Σ_fields E‖e‖², their energy weighed by lookups. Both models must have the same blocks.
 */
export function* refittingModel(
  before: ModelState,
  next: ModelState,
  rowFactors: readonly Float64Array[],
): Pieces<number> {
  const [oldTensors, tensors] = [named(before), named(next)];
  const oldBlocks = storedBlocks(before.program, before.allocation);
  const blocks = storedBlocks(next.program, next.allocation);
  const [oldDim, dim] = [before.allocation.baseDim, next.allocation.baseDim];
  // Where new coordinates of both sides of a dot product are 0, neither would ever get a gradient: one field has to open.
  const hasBottom = tensors.has('bottom.0.weight');
  const firstOpens = !hasBottom && dim > oldDim;
  let energy = 0;
  let lost = 0;
  for (const [i, block] of blocks.entries()) {
    const own = oldBlocks[i];
    const rows = block.table.shape[0];
    const to = vectorsOf(next.state, block, dim);
    const from = vectorsOf(before.state, own, oldDim);
    const refit = yield* refittingBlock(from, to, {
      rowFactors: rowFactors[block.field].subarray(block.firstId, block.firstId + rows),
      opens: firstOpens && block.field === 0,
    });
    energy += refit.energy;
    lost += refit.lost;
    for (const name of STATES) {
      yield* moveTable(name, own.table, block.table, refit.keepsDirections);
      if (block.projection)
        yield* moveProjection(name, own.projection, block.projection, refit.keepsDirections);
    }
  }
  for (const tensor of next.program.tensors) {
    if (isOther(tensor)) moveOther(tensor);
    yield;
  }
  return energy > 0 ? lost / energy : 0;

  function* moveTable(name: StateName, from: Tensor, to: Tensor, keeps: boolean): Pieces<void> {
    const key = `embedding.tables.${name}`;
    if (!before.state.has(key)) return;
    if (name === 'sum') yield* copying(before.state.get(key)!, next.state.get(key)!); // one a row, in the same order
    else yield* moveState(name, partOf(before.state, from, key), partOf(next.state, to, key), keeps, true);
  }

  function* moveProjection(
    name: StateName,
    from: Tensor | undefined,
    to: Tensor,
    keeps: boolean,
  ): Pieces<void> {
    const key = `dense.${name}`;
    if (!from || !before.state.has(key)) return;
    yield* moveState(name, partOf(before.state, from, key), partOf(next.state, to, key), keeps, false);
  }

  /** Moves a parameter outside the embedding layer (MLPs, biases) with its optimiser state. */
  function moveOther(to: Tensor): void {
    const from = oldTensors.get(to.name)!;
    const gap = hasBottom && to.name === 'top.0.weight' ? dim - oldDim : 0;
    const [source, target] = [partOf(before.state, from), partOf(next.state, to)];
    place(source, target, oldDim, gap);
    if (gap > 0) target.values.fill(0, oldDim * target.columns, dim * target.columns);
    for (const name of STATES) {
      const [old, values] = [from, to].map((tensor) => `${storageOf(tensor).name}.${name}`);
      if (!before.state.has(old) || !next.state.has(values)) continue;
      const [own, moved] = [partOf(before.state, from, old), partOf(next.state, to, values)];
      moved.values.fill(name === 'm' ? 0 : mean(own.values));
      place(own, moved, oldDim, gap);
    }
  }
}

/** Copies the parameters outside the embedding layer between models whose vectors are equally long. */
export function copyOthers(before: ModelState, next: ModelState): void {
  const old = named(before);
  for (const tensor of next.program.tensors)
    if (isOther(tensor))
      partOf(next.state, tensor).values.set(partOf(before.state, old.get(tensor.name)!).values);
}

function named({ program }: ModelState): ReadonlyMap<string, Tensor> {
  return new Map(program.tensors.map((tensor) => [tensor.name, tensor]));
}

function isOther({ role, layer, name }: Tensor): boolean {
  return role === 'parameter' && layer !== 'embedding' && name !== 'dense';
}

/** Copies a matrix into one that has more columns, or `gap` more rows before row `first`. */
function place(from: Matrix, to: Matrix, first: number, gap: number): void {
  if (to.values.length === from.values.length) return to.values.set(from.values);
  const rows = from.values.length / from.columns;
  for (let i = 0; i < rows; i++) {
    const row = from.values.subarray(i * from.columns, (i + 1) * from.columns);
    to.values.set(row, (i < first ? i : i + gap) * to.columns);
  }
}

function* moveState(name: StateName, from: Matrix, to: Matrix, keeps: boolean, byRow: boolean): Pieces<void> {
  const rows = to.values.length / to.columns;
  const whole = byRow ? 0 : mean(from.values);
  const share = keeps ? AFTER_ONE_STEP : 1;
  const moveRow = (i: number): void => {
    const own = from.values.subarray(i * from.columns, (i + 1) * from.columns);
    const row = to.values.subarray(i * to.columns, (i + 1) * to.columns);
    row.fill(name === 'm' ? 0 : share * (byRow ? mean(own) : whole));
    if (keeps && own.length <= row.length) row.set(own);
  };
  for (const { from: first, end } of rangesOf(rows, MOVED_ROWS)) {
    for (let i = first; i < end; i++) moveRow(i);
    yield;
  }
}

function mean(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length > 0 ? sum / values.length : 0;
}
