import type { Op } from './op.ts';
import type { Section } from './program.ts';
import { elementCount, type ElementType, type Initial, type Role, type Tensor } from './tensor.ts';

const zeros: Initial = { kind: 'zeros' };

export interface TensorOptions {
  readonly type?: ElementType;
  readonly layer?: string;
  readonly initial?: Initial;
}

/** Collects tensors and ops in the order they are made. */
export class ProgramBuilder {
  readonly tensors: Tensor[] = [];
  readonly sections: Record<Section, Op[]> = { train: [], evaluate: [], prune: [] };
  readonly #names = new Set<string>();

  tensor(name: string, role: Role, shape: readonly number[], options: TensorOptions = {}): Tensor {
    const { type = 'f32', layer = name, initial = zeros } = options;
    return this.#add({ name, role, shape, type, layer, initial, offset: 0 });
  }

  /** A part of `base`, from `offset` elements; inherits its role and type. */
  view(
    name: string,
    base: Tensor,
    offset: number,
    shape: readonly number[],
    options: Omit<TensorOptions, 'type'> = {},
  ): Tensor {
    const { layer = base.layer, initial = zeros } = options;
    const view: Tensor = { name, role: base.role, shape, type: base.type, layer, initial, base, offset };
    if (base.base) throw new Error(`${name}: a view of a view`);
    if (offset + elementCount(view) > elementCount(base))
      throw new Error(`${name} ends outside ${base.name}`);
    return this.#add(view);
  }

  /** Appends to every section named; ops that run in both are the forward pass. */
  op(op: Op, ...sections: readonly Section[]): void {
    for (const section of sections) this.sections[section].push(op);
  }

  #add(tensor: Tensor): Tensor {
    if (this.#names.has(tensor.name)) throw new Error(`two tensors are named ${tensor.name}`);
    this.#names.add(tensor.name);
    this.tensors.push(tensor);
    return tensor;
  }
}

/**
 * Lays several tensors in one flat tensor, so that an optimiser takes one dispatch for all of
 * them. Sizes first, tensors when the total is known.
 */
export class FlatTensors {
  readonly #parts: { name: string; shape: readonly number[]; layer: string; initial: Initial }[] = [];

  add(name: string, shape: readonly number[], layer: string, initial: Initial): void {
    this.#parts.push({ name, shape, layer, initial });
  }

  get elements(): number {
    return this.#parts.reduce((sum, part) => sum + part.shape.reduce((a, b) => a * b, 1), 0);
  }

  /** Creates the flat tensor `name` and a view of it for every part; `suffix` follows the parts' names. */
  build(
    builder: ProgramBuilder,
    name: string,
    role: Role,
    { suffix = '', random = true } = {},
  ): { readonly flat: Tensor; readonly parts: ReadonlyMap<string, Tensor> } {
    const flat = builder.tensor(name, role, [this.elements], { layer: 'dense' });
    const parts = new Map<string, Tensor>();
    let offset = 0;
    for (const part of this.#parts) {
      const initial = random ? part.initial : zeros;
      const view = builder.view(part.name + suffix, flat, offset, part.shape, { layer: part.layer, initial });
      parts.set(part.name, view);
      offset += elementCount(view);
    }
    return { flat, parts };
  }
}
