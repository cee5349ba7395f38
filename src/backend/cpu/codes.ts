import type { OpOf } from '../../program/op.ts';
import { SCALE_RATE } from '../../program/operand.ts';
import { codeLimit, readCode, recordWords, writeCode } from '../../program/tensor.ts';
import { pcg4d } from '../../random/random.ts';
import { forEachPart, heldLookups, rowsReader, segmentVisitor } from './embedding.ts';
import type { BoundOp, Memory } from './memory.ts';
import { rowUpdater } from './optimizer.ts';

/** The same bits as words and, where a record has its scale, as a float. */
function recordsOf({ records }: OpOf<'gather-codes' | 'update-codes'>, memory: Memory) {
  const words = memory.words(records);
  return { words, scales: new Float32Array(words.buffer, words.byteOffset, words.length) };
}

export function gatherCodes(op: OpOf<'gather-codes'>, memory: Memory): BoundOp {
  const { data, layout, bits, gathered } = op;
  const rowsOf = rowsReader(data, memory);
  const { words, scales } = recordsOf(op, memory);
  const S = memory.floats(gathered);
  const [B, width] = gathered.shape;
  const held = heldLookups(layout);
  const stride = op.records.shape[1];
  return ({ slot }) =>
    forEachPart(rowsOf(slot), layout, held, B, (b, { lookup }, { dim, firstRow }, row) => {
      const record = (firstRow + row) * stride;
      const to = b * width + layout.lookups[lookup].slotOffset;
      for (let j = 0; j < dim; j++) S[to + j] = scales[record] * readCode(words, record, j, bits);
    });
}

/** In float32 where the GPU is, so that few codes round to another side there. */
export function updateCodes(op: OpOf<'update-codes'>, memory: Memory): BoundOp {
  const { layout, bits, optimizer, seed } = op;
  const forEachSegment = segmentVisitor(op, memory);
  const { words, scales } = recordsOf(op, memory);
  const update = rowUpdater(
    optimizer,
    op.state.map((tensor) => memory.floats(tensor)),
  );
  const dim = layout.blocks[0].dim;
  const stride = recordWords(dim, bits);
  const limit = codeLimit(bits);
  const sum = new Float32Array(dim);
  const moved = new Float32Array(dim);
  const draws = new Uint32Array(4);
  return (step) =>
    forEachSegment(step, ({ firstRow }, row, addGradient) => {
      sum.fill(0);
      addGradient(sum);
      moveRow(firstRow + row, step);
    });

  function moveRow(row: number, step: Parameters<BoundOp>[0]): void {
    const record = row * stride;
    const before = scales[record];
    for (let j = 0; j < dim; j++) moved[j] = before * readCode(words, record, j, bits);
    update(step, moved, 0, sum, dim, { element: row * dim, row });
    const scale = Math.fround(before * (1 - SCALE_RATE * pull(before)));
    scales[record] = scale;
    for (let j = 0; j < dim; j++) {
      if (j % 4 === 0) pcg4d(row, j / 4, step.step, seed, draws);
      const draw = (draws[j % 4] >>> 8) * 2 ** -24;
      const code = Math.floor(Math.fround(Math.fround(moved[j] / scale) + draw));
      writeCode(words, record, j, bits, Math.max(-limit, Math.min(limit, code)));
    }
  }

  /** LSQ's gradient of the scale, as a share of the largest that it can be: −1 … 1. */
  function pull(scale: number): number {
    let along = 0;
    let most = 0;
    for (let j = 0; j < dim; j++) {
      const ratio = Math.fround(moved[j] / scale);
      const slope = Math.abs(ratio) < limit ? Math.round(ratio) - ratio : limit * Math.sign(ratio);
      along += sum[j] * slope;
      most += limit * Math.abs(sum[j]);
    }
    return most > 0 ? along / most : 0;
  }
}
