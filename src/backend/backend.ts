import type { Pace } from '../pieces/pieces.ts';
import type { AllocatedBytes } from '../program/memory.ts';
import type { Addition, Program, Section, Step } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

/**
 * A backend runs programs. It decides nothing: no model, no schedule, no data order; two backends
 * given the same program, data and steps compute the same numbers up to float32 rounding.
 */
export interface Backend {
  readonly kind: 'cpu' | 'webgpu';
  /** For people: 'CPU, plain loops', 'NVIDIA H200 (vulkan)', … */
  readonly adapter: string;
  /** Largest tensor it can hold, bytes. */
  readonly maxTensorBytes: number;
  /**
   * Memory for the 'data' tensors of programs, shared by every execution that is prepared with it:
   * runs on one data set do not upload it again. Throws BackendError.
   */
  createData(tensors: readonly Tensor[]): DeviceData;
  /**
   * Allocates the program's other tensors, sets their initial values from `seed`, compiles what
   * must be compiled. Throws BackendError, and GivenUp at a rest of `pace`; what it had allocated is freed.
   */
  prepare(program: Program, data: DeviceData, seed: number, pace?: Pace): Promise<Execution>;
  /**
   * What an execution of the program has allocated once it has saved, the program's data included,
   * without allocating anything: allocatedBytes, byte for byte.
   */
  footprint(program: Program): AllocatedBytes;
  /** Settles, with the reason, when the device is gone; never on the CPU. */
  readonly lost: Promise<BackendError>;
  destroy(): void;
}

export interface DeviceData {
  readonly sizeBytes: number;
  /** Writes `values` at `offset` elements into the tensor of that name. Ordered with later runs. */
  write(name: string, offset: number, values: Uint32Array | Float32Array): void;
  destroy(): void;
}

export interface Execution {
  /** Runs a section once per step, in order. May return before the work is done. */
  run(section: Section, steps: readonly Step[]): void;
  /** Resolves when everything asked for so far is done; rejects with BackendError. */
  finished(): Promise<void>;
  /**
   * A copy of `length` elements from `offset`, after everything asked for so far. Activations and
   * gradients share memory: once their last reader has run they may hold anything (lifetimesOf).
   */
  read(tensor: Tensor, offset?: number, length?: number): Promise<Float32Array | Uint32Array>;
  write(tensor: Tensor, values: Float32Array | Uint32Array, offset?: number): void;
  /**
   * Keeps a copy of all parameters on the device, replacing the one before; `restore` brings it back. Nothing may be asked for until
   * they resolve. Reject with GivenUp at a rest of `pace`, which leaves a part of the copy as it was.
   */
  save(pace?: Pace): Promise<void>;
  restore(pace?: Pace): Promise<void>;
  /** The same of what `save` kept of a parameter that owns its memory. Rejects with BackendError. */
  readSaved(tensor: Tensor, offset?: number, length?: number): Promise<Float32Array | Uint32Array>;
  /**
   * Allocates the tensors of an addition and compiles its ops, which look at the program's tensors while it is trained.
   * `allocatedBytes` leaves them out. Throws BackendError; what it had allocated is freed.
   */
  attach(addition: Addition): Promise<Attachment>;
  /**
   * What was really allocated, by use, the data included; the checkpoint is 0 until `save`. The staging buffers of `read` are not counted.
   */
  readonly allocatedBytes: AllocatedBytes;
  destroy(): void;
}

/** Ops that run between steps, on what the program's tensors hold then. Must be destroyed before its execution. */
export interface Attachment {
  /** Runs all ops in order, after everything asked for so far. May return before the work is done: training goes on behind it. */
  run(): void;
  /** A copy of a tensor of the addition or the program, after everything asked for so far. */
  read(tensor: Tensor): Promise<Float32Array>;
  write(tensor: Tensor, values: Float32Array): void;
  destroy(): void;
}

export type BackendFailure =
  | 'no-api'
  | 'no-adapter'
  | 'limit'
  | 'out-of-memory'
  | 'lost'
  | 'validation'
  | 'no-driver';

/** A device could not do what was asked. `remedy` is a sentence for the person at the screen. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  readonly failure: BackendFailure;
  readonly remedy: string;
  constructor(failure: BackendFailure, message: string, remedy: string, cause?: unknown) {
    super(message, { cause });
    this.failure = failure;
    this.remedy = remedy;
  }
}
