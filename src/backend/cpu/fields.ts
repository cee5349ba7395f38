import type { OpOf } from '../../program/op.ts';
import { hash4 } from '../../random/hash.ts';
import type { BoundOp, Memory } from './memory.ts';

/** 24 bits of a hash as a number in [−1, 1), exact in float32. */
export function hashEncode({ data, seed, fields, out }: OpOf<'hash-encode'>, memory: Memory): BoundOp {
  const ids = memory.words(data.ids);
  const OUT = memory.floats(out);
  const [, B, F] = data.ids.shape;
  const k = out.shape[1];
  return ({ slot }) => {
    let at = 0;
    for (let b = 0; b < B; b++) {
      for (const field of fields) {
        const id = ids[(slot * B + b) * F + field];
        for (let i = 0; i < k; i++) OUT[at++] = (hash4(seed, field, id, i) >>> 8) / 2 ** 23 - 1;
      }
    }
  };
}

export function putFields({ fields, taken, vectors }: OpOf<'put-fields'>, memory: Memory): BoundOp {
  const T = memory.floats(taken);
  const V = memory.floats(vectors);
  const [B, F, D] = vectors.shape;
  return () => {
    for (let b = 0; b < B; b++) {
      fields.forEach((field, p) => {
        const from = (b * fields.length + p) * D;
        V.set(T.subarray(from, from + D), (b * F + field) * D);
      });
    }
  };
}

export function takeFields({ fields, vectors, taken }: OpOf<'take-fields'>, memory: Memory): BoundOp {
  const V = memory.floats(vectors);
  const T = memory.floats(taken);
  const [B, F, D] = vectors.shape;
  return () => {
    for (let b = 0; b < B; b++) {
      fields.forEach((field, p) => {
        const from = (b * F + field) * D;
        T.set(V.subarray(from, from + D), (b * fields.length + p) * D);
      });
    }
  };
}

export function readNumbers({ data, out }: OpOf<'read-numbers'>, memory: Memory): BoundOp {
  const source = memory.floats(data.numbers!);
  const target = memory.floats(out);
  const [batch, columns] = out.shape;
  return ({ slot, count }) => {
    const start = slot * batch * columns;
    target.set(source.subarray(start, start + count * columns));
    target.fill(0, count * columns);
  };
}
