import { type SketchKind, usualSketchRows } from '../../analysis/sketch.ts';
import type { Attachment, Execution } from '../../backend/backend.ts';
import type { StoredBlock } from '../../model/storedBlocks.ts';
import { ProgramBuilder } from '../../program/builder.ts';
import type { Addition } from '../../program/program.ts';
import type { SketchOp } from '../../program/op.ts';
import type { Tensor } from '../../program/tensor.ts';

/** Part of the method: the same tables, the same spectrum. */
const SEED = 1;

/** The tensors that a block is looked at through. */
export interface SketchedBlock {
  readonly block: StoredBlock;
  /** √p_i of its rows. */
  readonly rowFactors: Float64Array;
  /** undefined: the table is so short that it is read itself. */
  readonly sketch: Readonly<Record<'plain' | 'weighted' | 'factors', Tensor>> | undefined;
  /** What makes leverages of its rows, [dim, D], and these, where it is sketched. */
  readonly rowNorms: Readonly<Record<'change' | 'norms', Tensor>> | undefined;
}

/** Of long tables; both are there or none is. */
export interface Attachments {
  readonly sketches: Attachment | undefined;
  readonly rowNorms: Attachment | undefined;
}

/** For the blocks of one field; √p_i of its rows. Throws BackendError. */
export async function attachSketches(
  execution: Execution,
  blocks: readonly StoredBlock[],
  rowFactors: Float64Array,
  kind: SketchKind,
): Promise<{ readonly lenses: readonly SketchedBlock[]; readonly attached: Attachments }> {
  const sketching = new ProgramBuilder();
  const norming = new ProgramBuilder();
  const [sketchOps, normOps]: [SketchOp[], SketchOp[]] = [[], []];
  const lenses = blocks.map((block, index): SketchedBlock => {
    const { table, firstId, projection } = block;
    const [rows, columns] = table.shape;
    const own = rowFactors.subarray(firstId, firstId + rows);
    const sketchRows = usualSketchRows(kind, { rows, columns });
    if (sketchRows >= rows) return { block, rowFactors: own, sketch: undefined, rowNorms: undefined };
    const tensor = (builder: ProgramBuilder, name: string, shape: readonly number[]): Tensor =>
      builder.tensor(`spectrum.${index}.${name}`, 'activation', shape);
    const plain = tensor(sketching, 'plain', [sketchRows, columns]);
    const weighted = tensor(sketching, 'weighted', [sketchRows, columns]);
    const factors = tensor(sketching, 'factors', [rows]);
    sketchOps.push({
      kind,
      table,
      seed: SEED,
      sketch: plain,
      weighted: { factors, sketch: weighted },
    });
    const change = tensor(norming, 'change', [columns, projection?.shape[1] ?? columns]);
    const norms = tensor(norming, 'norms', [rows]);
    normOps.push({ kind: 'row-norms', table, factors: undefined, change, norms });
    return { block, rowFactors: own, sketch: { plain, weighted, factors }, rowNorms: { change, norms } };
  });
  const attached = await attachBoth(
    execution,
    { tensors: sketching.tensors, ops: sketchOps },
    { tensors: norming.tensors, ops: normOps },
  );
  for (const { sketch, rowFactors: own } of lenses)
    if (sketch) attached.sketches!.write(sketch.factors, Float32Array.from(own));
  return { lenses, attached };
}

/** Neither, if one fails. */
async function attachBoth(
  execution: Execution,
  sketching: Addition,
  norming: Addition,
): Promise<Attachments> {
  if (sketching.ops.length === 0) return { sketches: undefined, rowNorms: undefined };
  const sketches = await execution.attach(sketching);
  try {
    return { sketches, rowNorms: await execution.attach(norming) };
  } catch (error) {
    sketches.destroy();
    throw error;
  }
}
