import { ownAreas } from '../../program/memoryAreas.ts';
import { betweenSteps } from '../../program/program.ts';
import type { Addition } from '../../program/sketchOps.ts';
import type { Tensor } from '../../program/tensor.ts';
import type { Attachment } from '../backend.ts';
import { allocate } from './allocate.ts';
import { compileOp, type BoundOp } from './kernels.ts';
import type { Memory } from './memory.ts';

/** In plain loops, whatever the program runs in. */
export class CpuAttachment implements Attachment {
  #memory: Memory;
  #kernels: readonly BoundOp[];

  constructor(parent: Memory, { tensors, ops }: Addition) {
    this.#memory = parent.beside();
    for (const area of ownAreas(tensors)) allocate(this.#memory, area);
    this.#kernels = ops.map((op) => compileOp(op, this.#memory));
  }

  run(): void {
    for (const kernel of this.#kernels) kernel(betweenSteps);
  }

  async read(tensor: Tensor): Promise<Float32Array> {
    return Float32Array.from(this.#memory.floats(tensor));
  }

  write(tensor: Tensor, values: Float32Array): void {
    this.#memory.floats(tensor).set(values);
  }

  destroy(): void {
    this.#memory = this.#memory.beside();
    this.#kernels = [];
  }
}
