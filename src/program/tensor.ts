/** What a tensor is for. The memory ledger is a sum over roles. */
export type Role =
  | 'parameter' // learnt; part of the deployed model
  | 'optimizer-state'
  | 'gradient'
  | 'activation'
  | 'data' // encoded examples and their row index
  | 'metric'
  | 'constant'; // descriptors the kernels read, fixed for the life of a program

export type ElementType = 'f32' | 'u32';

/**
 * Rows of codes: a record of u32 words a row, the bits of its scale Δ (f32) and then its codes, 32/bits to a word,
 * the first in the lowest bits, in two's complement. An element is Δ·q, −limit ≤ q ≤ limit; codes of
 * one row share no word with those of another.
 */
export type CodeBits = 8 | 4;

/** Value of a tensor before the first step. Random ones are drawn from the stream of the tensor's name. */
export type Initial =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'uniform'; readonly bound: number } // U(−bound, bound)
  | { readonly kind: 'normal'; readonly deviation: number } // N(0, deviation²)
  | { readonly kind: 'identity' } // [I 0], for a [rows, columns] tensor
  /** Columns of a [rows, columns] tensor from left to right, each range by its own rule. */
  | { readonly kind: 'columns'; readonly ranges: readonly ColumnRange[] }
  | { readonly kind: 'values'; readonly values: Float32Array | Uint32Array }
  /** Records of codes, u32[rows, recordWords(dim, bits)]: elements drawn by `element`, rounded to multiples of `scale`. */
  | {
      readonly kind: 'codes';
      readonly bits: CodeBits;
      readonly dim: number;
      readonly scale: number;
      readonly element: Extract<Initial, { kind: 'uniform' | 'normal' }>;
    };

export interface ColumnRange {
  readonly columns: number;
  /** 0: all zeros; otherwise U(−bound, bound). */
  readonly bound: number;
}

/**
 * A rectangular array with a role. A tensor with a `base` is a view: it owns no memory and starts
 * `offset` elements into its base (whose own base is undefined). All elements are 4 bytes.
 */
export interface Tensor {
  /** Unique in its program; names its random stream, its GPU buffer and its ledger line. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly role: Role;
  /** Groups tensors in the ledger: 'embedding', 'bottom.0', … */
  readonly layer: string;
  readonly base?: Tensor;
  readonly offset: number;
  readonly initial: Initial;
}

export function elementCount(tensor: Tensor): number {
  return tensor.shape.reduce((product, size) => product * size, 1);
}

/** The tensor that owns the memory. */
export function storageOf(tensor: Tensor): Tensor {
  return tensor.base ?? tensor;
}

/** Views of one tensor in the order made, without those that cover again what an earlier one covers. */
export function disjointViews(views: readonly Tensor[]): readonly Tensor[] {
  let end = 0;
  return views.filter((view) => {
    if (view.offset < end) return false;
    end = view.offset + elementCount(view);
    return true;
  });
}

/** Words of the record of a row of `dim` codes. */
export function recordWords(dim: number, bits: CodeBits): number {
  return 1 + Math.ceil((dim * bits) / 32);
}

/** Largest code; the one below −limit is not used, so that zero is in the middle. */
export function codeLimit(bits: CodeBits): number {
  return 2 ** (bits - 1) - 1;
}

/** Code j of the record that starts at `record`. */
export function readCode(words: Uint32Array, record: number, j: number, bits: CodeBits): number {
  const at = j * bits;
  const word = words[record + 1 + (at >>> 5)];
  return (word << (32 - bits - (at & 31))) >> (32 - bits);
}

/** Replaces code j; `code` is within the limit. */
export function writeCode(words: Uint32Array, record: number, j: number, bits: CodeBits, code: number): void {
  const at = j * bits;
  const index = record + 1 + (at >>> 5);
  const mask = (2 ** bits - 1) << (at & 31);
  words[index] = (words[index] & ~mask) | ((code << (at & 31)) & mask);
}
