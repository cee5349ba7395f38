import type { Program, Step } from '../../program/program.ts';
import { uniformStruct, writeUniforms } from './kernel.ts';

/** Struct Step of shaders/step.wgsl. */
export const stepUniforms = uniformStruct({
  slot: 'u32',
  count: 'u32',
  segments: 'u32',
  longSegments: 'u32',
  metricSlot: 'u32',
  learningRate: 'f32',
  adamRate: 'f32',
  adamRoot: 'f32',
  keep: 'u32',
  enough: 'u32',
  step: 'u32',
});

/** Steps encoded in one submit: their uniforms are one upload. */
export const RING_STEPS = 256;

/** Writes the uniforms of a run of steps, one every `stride` bytes. */
export class StepRing {
  readonly stride: number;
  readonly #view: DataView<ArrayBuffer>;
  readonly #decay: { readonly beta1: number; readonly beta2: number };

  constructor(program: Program, alignment: number) {
    this.stride = Math.ceil(stepUniforms.sizeBytes / alignment) * alignment;
    this.#view = new DataView(new ArrayBuffer(this.stride * RING_STEPS));
    this.#decay = decayOf(program);
  }

  get elements(): number {
    return this.#view.byteLength / 4;
  }

  /** The bytes of at most RING_STEPS steps. */
  write(steps: readonly Step[]): Uint8Array<ArrayBuffer> {
    const { beta1, beta2 } = this.#decay;
    steps.forEach((step, i) => {
      // In float64: 1 − β2^t has few digits left in float32 for small t.
      const adamRate = step.learningRate / (1 - beta1 ** step.step);
      const adamRoot = Math.sqrt(1 - beta2 ** step.step);
      writeUniforms(stepUniforms, this.#view, i * this.stride, {
        keep: 0,
        enough: 0,
        ...step,
        adamRate,
        adamRoot,
      });
    });
    return new Uint8Array(this.#view.buffer, 0, steps.length * this.stride);
  }
}

/** The β's of the program's Adam; it has one optimiser. */
function decayOf(program: Program): { beta1: number; beta2: number } {
  const adams = program.sections.train.flatMap((op) =>
    'optimizer' in op && op.optimizer.kind === 'adam' ? [op.optimizer] : [],
  );
  const [first] = adams;
  if (!first) return { beta1: 0, beta2: 0 };
  if (adams.some(({ beta1, beta2 }) => beta1 !== first.beta1 || beta2 !== first.beta2))
    throw new Error('all Adam updates of a program must share β1 and β2');
  return first;
}
