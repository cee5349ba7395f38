import type { Backend, Execution } from '../../src/backend/backend.ts';
import type { ModelSpec } from '../../src/model/model.ts';
import { tensorsOf } from '../../src/program/dataflow.ts';
import type { Op } from '../../src/program/op.ts';
import type { Program, Step } from '../../src/program/program.ts';
import { elementCount, storageOf, type Tensor } from '../../src/program/tensor.ts';
import { Random } from '../../src/random/random.ts';
import { dataTensors, fillData } from './tinyModel.ts';

/** A tensor of the program and what it holds. */
export type Contents = readonly (readonly [Tensor, Float32Array])[];

/**
 * Runs one op of the training section on every slot, each time from the same random contents, and
 * returns what every tensor of floats then holds: an op that writes where it should not shows too.
 */
export async function runOnRandom(
  backend: Backend,
  program: Program,
  op: Op,
  spec: ModelSpec,
): Promise<Contents> {
  // Without the views there are no initial values to draw.
  const tensors = program.tensors.filter((tensor) => !tensor.base);
  const alone: Program = { ...program, tensors, sections: { train: [op], evaluate: [], prune: [] } };
  const data = backend.createData(dataTensors(program));
  const steps = fillData(program, data, spec).filter((step) => step.count > 0);
  const execution = await backend.prepare(alone, data, 1);
  const named = new Set(tensorsOf(op).map(storageOf));
  const floats = tensors.filter(
    (t) => t.type === 'f32' && t.role !== 'data' && (t.role !== 'metric' || named.has(t)),
  );
  const contents: (readonly [Tensor, Float32Array])[] = [];
  for (const step of steps)
    contents.push(...(await runStep(execution, floats, { ...step, step: 3, measures: true })));
  execution.destroy();
  return contents;
}

async function runStep(execution: Execution, tensors: readonly Tensor[], step: Step): Promise<Contents> {
  for (const tensor of tensors) execution.write(tensor, contentsOf(tensor));
  execution.run('train', [step]);
  const contents: [Tensor, Float32Array][] = [];
  for (const tensor of tensors) contents.push([tensor, (await execution.read(tensor)) as Float32Array]);
  return contents;
}

/** Drawn once: the suites run every op of a program from the same contents. */
const drawn = new WeakMap<Tensor, Float32Array>();

function contentsOf(tensor: Tensor): Float32Array {
  const contents = drawn.get(tensor) ?? randomContents(tensor);
  drawn.set(tensor, contents);
  return contents;
}

/** Optimiser state is never negative; half the activations are 0, as after a ReLU. */
function randomContents(tensor: Tensor): Float32Array {
  const random = new Random(3, tensor.name);
  return Float32Array.from({ length: elementCount(tensor) }, () => {
    const value = random.normal();
    if (tensor.role === 'optimizer-state') return Math.abs(value);
    return tensor.role === 'activation' ? Math.max(0, value) : value;
  });
}
