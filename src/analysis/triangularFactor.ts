import { finish, type Pieces } from '../pieces/pieces.ts';
import type { DenseMatrix } from './matrix.ts';

/** Elements of the block of rows that is folded into R at once: stays in the cache. */
const BLOCK_ELEMENTS = 2 ** 13;
/** Elements that are reflected between two rests: about 1 ms. */
const PIECE_ELEMENTS = 2 ** 19;
/**
 * Squared norms below this are rounding left over where the rows span fewer columns. It shrinks by 2⁻¹⁰⁴ a column,
 * until its inverse is infinite; rows of float32 have no squares so small.
 */
const NOTHING = 2 ** -960;

/**
 * R of a QR decomposition A = QR by Householder reflections, of rows that come in pieces: every block is folded
 * into the R of those before it (Demmel et al. 2012, arXiv 0808.2664, sequential TSQR), so that a table of any
 * length takes d² + one block of memory. ‖Rx‖ = ‖Ax‖ for every x. 2·rows·d² operations.
 */
export class TriangularFactor {
  readonly columns: number;
  readonly #factor: Float64Array; // [d, d]
  readonly #capacity: number;
  /** Column by column: the inner loops run along it. */
  readonly #block: Float64Array; // [d, capacity]
  #filled = 0;

  constructor(columns: number) {
    this.columns = columns;
    this.#factor = new Float64Array(columns * columns);
    this.#capacity = Math.max(32, Math.floor(BLOCK_ELEMENTS / columns));
    this.#block = new Float64Array(this.#capacity * columns);
  }

  /** More rows, `values` [any, columns]; the i-th of them times rowFactors[i], where given. */
  add(values: ArrayLike<number>, rowFactors?: ArrayLike<number>): this {
    finish(this.adding(values, rowFactors));
    return this;
  }

  *adding(values: ArrayLike<number>, rowFactors?: ArrayLike<number>): Pieces<void> {
    const { columns } = this;
    const rows = values.length / columns;
    for (let i = 0; i < rows; i++) {
      const factor = rowFactors ? rowFactors[i] : 1;
      for (let j = 0; j < columns; j++)
        this.#block[j * this.#capacity + this.#filled] = factor * values[i * columns + j];
      if (++this.#filled === this.#capacity) yield* this.#fold();
    }
  }

  /** R of all rows so far, [d, d], upper triangular; its diagonal is not negative. */
  factor(): DenseMatrix {
    return finish(this.factoring());
  }

  *factoring(): Pieces<DenseMatrix> {
    yield* this.#fold();
    const { columns } = this;
    const values = this.#factor.slice();
    for (let row = 0; row < columns; row++) {
      if (values[row * columns + row] >= 0) continue;
      for (let j = row; j < columns; j++) values[row * columns + j] *= -1;
    }
    return { rows: columns, columns, values };
  }

  /** Reflects column after column of [R; block] onto R: above the diagonal R is untouched by construction. */
  *#fold(): Pieces<void> {
    const rows = this.#filled;
    this.#filled = 0;
    let elements = 0;
    for (let j = 0; j < this.columns; j++) {
      this.#reflect(j, rows);
      elements += rows * (this.columns - j);
      if (elements < PIECE_ELEMENTS) continue;
      elements = 0;
      yield;
    }
    yield;
  }

  #reflect(j: number, rows: number): void {
    const { columns } = this;
    const factor = this.#factor;
    const block = this.#block;
    const at = j * this.#capacity;
    const below = product(block, at, at, rows);
    if (below < NOTHING) return;
    const head = factor[j * columns + j];
    const norm = Math.sqrt(head * head + below);
    const pivot = head > 0 ? head + norm : head - norm;
    const scale = 1 / (norm * (norm + Math.abs(head)));
    factor[j * columns + j] = head > 0 ? -norm : norm;
    for (let k = j + 1; k < columns; k++) {
      const other = k * this.#capacity;
      const dot = scale * (pivot * factor[j * columns + k] + product(block, at, other, rows));
      factor[j * columns + k] -= dot * pivot;
      for (let i = 0; i < rows; i++) block[other + i] -= dot * block[at + i];
    }
  }
}

/** R of one matrix, its rows weighed where factors are given. */
export function triangularFactor(
  { columns, values }: DenseMatrix,
  rowFactors?: ArrayLike<number>,
): DenseMatrix {
  return new TriangularFactor(columns).add(values, rowFactors).factor();
}

function product(values: Float64Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[a + i] * values[b + i];
  return sum;
}
