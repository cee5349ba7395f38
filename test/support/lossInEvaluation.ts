import type { Program } from '../../src/program/program.ts';

/** The program with the loss of every example computed in 'evaluate' too, which moves no parameter: for central differences. */
export function withLossInEvaluation(program: Program): Program {
  const { train, evaluate } = program.sections;
  const loss = train.find((op) => op.kind === 'loss' || op.kind === 'pairwise-loss')!;
  return { ...program, sections: { ...program.sections, evaluate: [...evaluate, loss] } };
}
