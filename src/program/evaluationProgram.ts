import { tensorsOf } from './dataflow.ts';
import type { Program } from './program.ts';
import { type Role, storageOf } from './tensor.ts';

/** What a device holds of a program whatever it runs. */
const kept: ReadonlySet<Role> = new Set<Role>(['data', 'metric', 'constant']);

/** The part of a program that predicts: it cannot be trained, and takes no memory for gradients and optimiser states. */
export function evaluationProgram(program: Program): Program {
  const { evaluate } = program.sections;
  const used = new Set(evaluate.flatMap((op) => tensorsOf(op).map(storageOf)));
  const tensors = program.tensors.filter(
    (tensor) => kept.has(tensor.role) || used.has(storageOf(tensor)) || tensor === program.prediction,
  );
  const { spectra: _, ...rest } = program;
  return { ...rest, tensors, sections: { train: [], evaluate, prune: [] } };
}
