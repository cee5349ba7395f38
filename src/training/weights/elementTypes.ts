/** The elements of a tensor of a file, in the type that holds all their values exactly. */
export type Elements =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

interface ElementType {
  readonly sizeBytes: number;
  /** `bytes`: little-endian, of whole elements. */
  readonly decode: (bytes: ArrayBuffer) => Elements;
}

/** What safetensors calls its types of elements. Half floats of both kinds become float32, which holds all of them. */
export const elementTypes = {
  F64: { sizeBytes: 8, decode: (bytes) => new Float64Array(bytes) },
  F32: { sizeBytes: 4, decode: (bytes) => new Float32Array(bytes) },
  F16: { sizeBytes: 2, decode: (bytes) => Float32Array.from(new Uint16Array(bytes), floatOfHalf) },
  BF16: { sizeBytes: 2, decode: decodeBrainFloats },
  I64: { sizeBytes: 8, decode: (bytes) => new BigInt64Array(bytes) },
  I32: { sizeBytes: 4, decode: (bytes) => new Int32Array(bytes) },
  I16: { sizeBytes: 2, decode: (bytes) => new Int16Array(bytes) },
  I8: { sizeBytes: 1, decode: (bytes) => new Int8Array(bytes) },
  U64: { sizeBytes: 8, decode: (bytes) => new BigUint64Array(bytes) },
  U32: { sizeBytes: 4, decode: (bytes) => new Uint32Array(bytes) },
  U16: { sizeBytes: 2, decode: (bytes) => new Uint16Array(bytes) },
  U8: { sizeBytes: 1, decode: (bytes) => new Uint8Array(bytes) },
} as const satisfies Readonly<Record<string, ElementType>>;

export type ElementTypeId = keyof typeof elementTypes;

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
function floatOfHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The upper half of a float32 each. */
function decodeBrainFloats(bytes: ArrayBuffer): Float32Array {
  return new Float32Array(Uint32Array.from(new Uint16Array(bytes), (upper) => upper << 16).buffer);
}
