import type { Step } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';

export type Access = 'read' | 'write';

/**
 * A shader and what it is bound to in group 0: its sizes at binding 0 and its storage buffers.
 * Group 1 holds the step. Checked against the WGSL itself by test/browser/backend/shaders.test.ts.
 */
export interface Kernel<Size extends string = string, Buffer extends string = string> {
  readonly shader: string;
  /** What `$key` in the shader's includes stands for. */
  readonly variant: Readonly<Record<string, string>>;
  readonly sizes: UniformStruct<Size>;
  readonly buffers: Readonly<Record<Buffer, BufferBinding>>;
}

export interface BufferBinding {
  readonly binding: number;
  readonly access: Access;
}

/** Consecutive bindings from `first`. */
export function bindings<const Buffer extends string>(
  first: number,
  accesses: Readonly<Record<Buffer, Access>>,
): Readonly<Record<Buffer, BufferBinding>> {
  const entries = Object.entries<Access>(accesses).map(([name, access], i) => [
    name,
    { binding: first + i, access },
  ]);
  return Object.fromEntries(entries) as Record<Buffer, BufferBinding>;
}

/**
 * What a kernel reads or writes: a tensor of the program, the descriptors of all layouts, or the
 * scratch that kernels share (its contents last until the next op).
 */
export type Operand = Tensor | 'constants' | 'scratch';

/** One dispatch of an op: everything but the GPU objects. */
export interface Dispatch {
  readonly label: string;
  readonly kernel: Kernel;
  /** Override constants: structure only, so that few pipelines serve all sizes. */
  readonly constants: Readonly<Record<string, number>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly operands: Readonly<Record<string, Operand>>;
  /** Linear count; see gridOf. */
  readonly workgroups: number | ((step: Step) => number);
}

/** Checks at compile time that a dispatch gives its kernel every size and buffer. */
export function dispatch<Size extends string, Buffer extends string>(
  label: string,
  kernel: Kernel<Size, Buffer>,
  given: {
    readonly constants?: Readonly<Record<string, number>>;
    readonly sizes: Readonly<Record<NoInfer<Size>, number>>;
    readonly operands: Readonly<Record<NoInfer<Buffer>, Operand>>;
    readonly workgroups: number | ((step: Step) => number);
  },
): Dispatch {
  return { label, kernel: kernel as unknown as Kernel, constants: {}, ...given };
}

/** A dispatch of `count` workgroups in two dimensions of at most `limit`; the last ones may be idle. */
export function gridOf(count: number, limit: number): readonly [x: number, y: number] {
  if (count <= limit) return [count, 1];
  const y = Math.ceil(count / limit);
  return [Math.ceil(count / y), y];
}

export type Scalar = 'u32' | 'f32';

/**
 * A uniform struct of scalars, described once: the order of the members is their order in WGSL,
 * each takes 4 bytes.
 */
export interface UniformStruct<Name extends string> {
  readonly members: Readonly<Record<Name, Scalar>>;
  readonly sizeBytes: number;
}

export function uniformStruct<const Name extends string>(
  members: Readonly<Record<Name, Scalar>>,
): UniformStruct<Name> {
  return { members, sizeBytes: 4 * Object.keys(members).length };
}

/** u32 members from a list of names: most sizes are counts and offsets. */
export function counts<const Name extends string>(...names: readonly Name[]): Record<Name, 'u32'> {
  return Object.fromEntries(names.map((name) => [name, 'u32'])) as Record<Name, 'u32'>;
}

/** Writes a struct at `offset` bytes. Throws when a count does not fit 32 bits. */
export function writeUniforms<Name extends string>(
  { members }: UniformStruct<Name>,
  view: DataView,
  offset: number,
  values: Readonly<Record<Name, number>>,
): void {
  let at = offset;
  for (const name in members) {
    const value = values[name];
    if (members[name] === 'f32') view.setFloat32(at, value, true);
    else if (value >= 0 && value <= 0xffffffff && Number.isInteger(value)) view.setUint32(at, value, true);
    else throw new RangeError(`${name} = ${value} is not a 32-bit count`);
    at += 4;
  }
}
