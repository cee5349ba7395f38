import type { Backend, Execution } from '../../../src/backend/backend.ts';
import type { ModelSpec } from '../../../src/model/model.ts';
import type { Program, Step } from '../../../src/program/program.ts';
import { buildProgram, dataTensors, fillData } from '../../support/tinyModel.ts';

export interface Prepared {
  readonly execution: Execution;
  readonly program: Program;
  /** `count` training steps that go round the slots; losses go to metricSlot = step − 1. */
  steps(count: number, first?: number): Step[];
  destroy(): void;
}

/** A program of `spec` with its data, ready to train. */
export async function prepare(
  backend: Backend,
  spec: ModelSpec,
  seed = 5,
  transform = (exact: Program): Program => exact,
): Promise<Prepared> {
  const program = transform(buildProgram(spec));
  const data = backend.createData(dataTensors(program));
  const slots = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, seed);
  return {
    execution,
    program,
    steps: (count, first = 1) =>
      Array.from({ length: count }, (_, i) => ({
        ...slots[(first + i) % slots.length],
        learningRate: 0.02,
        step: first + i,
        metricSlot: first + i - 1,
      })),
    destroy: () => {
      execution.destroy();
      data.destroy();
    },
  };
}
