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
