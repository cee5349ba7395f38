/** What the models see of a number x. Missing values are 0 of it, but for standardised numbers, where they are the mean. */
export type Transform =
  /** log(max(x, 0) + 1), as DLRM does: counts. */
  | { readonly kind: 'log' }
  /** sign(x)·log(|x| + 1): long tails on both sides. */
  | { readonly kind: 'signed-log' }
  /** (x − mean) / deviation, kept within ±10. */
  | { readonly kind: 'standardise'; readonly mean: number; readonly deviation: number };

/** Standardised numbers further out would outweigh all others. */
const furthest = 10;

export function applyTransform(transform: Transform, x: number): number {
  switch (transform.kind) {
    case 'log':
      return x > 0 ? Math.log(x + 1) : 0;
    case 'signed-log':
      return x < 0 ? -Math.log(1 - x) : Math.log(x + 1);
    default:
      return Math.min(furthest, Math.max(-furthest, (x - transform.mean) / transform.deviation));
  }
}

export function describeTransform(transform: Transform): string {
  switch (transform.kind) {
    case 'log':
      return 'log(max(x, 0) + 1)';
    case 'signed-log':
      return 'sign(x)·log(|x| + 1)';
    default:
      return `(x − ${transform.mean.toPrecision(4)}) / ${transform.deviation.toPrecision(4)}`;
  }
}
