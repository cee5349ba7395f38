import { elementCount, type Role, storageOf, type Tensor } from '../../program/tensor.ts';
import type { LinearMemory } from './simd/linearMemory.ts';

export type Floats = Float32Array | Float64Array;
export type Precision = 'f32' | 'f64';

/** The arrays behind tensors, in `linear` where that holds them. A view is a subarray of its base's array. */
export class Memory {
  readonly #arrays = new Map<string, Floats | Uint32Array>();
  readonly #roles = new Map<string, Role>();
  readonly #precision: Precision;
  readonly #linear: LinearMemory | undefined;

  constructor(precision: Precision, linear?: LinearMemory) {
    this.#precision = precision;
    this.#linear = linear;
  }

  allocate(tensor: Tensor): void {
    this.#arrays.set(tensor.name, this.#create(tensor));
    this.#roles.set(tensor.name, tensor.role);
  }

  #create(tensor: Tensor): Floats | Uint32Array {
    if (this.#linear?.holds(tensor)) return this.#linear.array(tensor);
    const elements = elementCount(tensor);
    if (tensor.type === 'u32') return new Uint32Array(elements);
    return this.#precision === 'f64' ? new Float64Array(elements) : new Float32Array(elements);
  }

  adopt(other: Memory): void {
    for (const [name, array] of other.#arrays) this.#arrays.set(name, array);
  }

  array(tensor: Tensor): Floats | Uint32Array {
    const whole = this.named(storageOf(tensor).name);
    return tensor.base ? whole.subarray(tensor.offset, tensor.offset + elementCount(tensor)) : whole;
  }

  named(name: string): Floats | Uint32Array {
    const array = this.#arrays.get(name);
    if (!array) throw new Error(`tensor ${name} was never allocated`);
    return array;
  }

  floats(tensor: Tensor): Floats {
    return this.array(tensor) as Floats;
  }

  words(tensor: Tensor): Uint32Array {
    return this.array(tensor) as Uint32Array;
  }

  /** Bytes of the arrays this memory allocated itself. */
  bytesByRole(): Record<Role, number> {
    const bytes: Record<Role, number> = {
      parameter: 0,
      'optimizer-state': 0,
      gradient: 0,
      activation: 0,
      data: 0,
      metric: 0,
      constant: 0,
    };
    for (const [name, role] of this.#roles) bytes[role] += this.named(name).byteLength;
    return bytes;
  }
}
