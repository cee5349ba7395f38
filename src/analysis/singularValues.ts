import type { Pieces } from '../pieces/pieces.ts';
import { type DenseMatrix, transpose } from './matrix.ts';

/** A = U·Σ·Vᵀ without U: what a factor B with ‖Bx‖ = ‖Ax‖ knows of A. */
export interface Spectrum {
  /** Falling, min(rows, columns) of the factor. */
  readonly singularValues: Float64Array;
  /** V: the principal directions, a column each. [columns, singular values] */
  readonly directions: DenseMatrix;
}

/**
 * The singular values of a matrix and its right singular vectors, by Golub & Kahan 1965 and Golub & Reinsch 1970, as LINPACK and
 * JAMA (public domain) have it: Householder reflections to two diagonals, then implicit QR steps. The order of operations is that of
 * ml-matrix (MIT, © 2014 Michaël Zasso), whose bits these are; but this can rest between two reflections or QR steps, of
 * O(rows·columns) each. A matrix of more columns than rows is transposed.
 */
export function* decomposing({ rows, columns, values }: DenseMatrix): Pieces<Spectrum> {
  const isWide = rows < columns;
  const work = new Bidiagonal(isWide ? columns : rows, isWide ? rows : columns, !isWide);
  const count = work.diagonal.length;
  work.matrix.set(isWide ? values : transpose({ rows, columns, values }).values);
  yield* work.reduce();
  yield* work.diagonalise();
  return {
    singularValues: work.diagonal.map(Math.abs),
    directions: transpose({ rows: count, columns: work.vectors.length / count, values: work.vectors }),
  };
}

/** An m × n matrix, m ≥ n, on its way to two diagonals and to one. The vectors of one side are kept. */
class Bidiagonal {
  /** Column j in matrix[j·m … (j + 1)·m). */
  readonly matrix: Float64Array; // [n, m]
  readonly diagonal: Float64Array; // [n]
  /** Right singular vectors if `right`, else left ones, a row each. */
  readonly vectors: Float64Array; // [n, right ? n : m]
  readonly #above: Float64Array; // [n], beside the diagonal
  readonly #m: number;
  readonly #n: number;
  readonly #right: boolean;
  readonly #length: number;

  constructor(m: number, n: number, right: boolean) {
    this.#m = m;
    this.#n = n;
    this.#right = right;
    this.#length = right ? n : m;
    this.matrix = new Float64Array(n * m);
    this.diagonal = new Float64Array(n);
    this.vectors = new Float64Array(n * this.#length);
    this.#above = new Float64Array(n);
  }

  *reduce(): Pieces<void> {
    const [m, n] = [this.#m, this.#n];
    const [columns, rows] = [this.#reflectedColumns, this.#reflectedRows];
    const along = new Float64Array(m);
    for (let k = 0; k < Math.max(columns, rows); k++) {
      if (k < columns) this.#reflectColumn(k);
      this.#applyColumn(k);
      if (!this.#right && k < columns)
        this.vectors.set(this.matrix.subarray(k * m + k, (k + 1) * m), k * m + k);
      if (k < rows) this.#reflectRow(k, along);
      yield;
    }
    const { matrix, diagonal } = this;
    const above = this.#above;
    if (columns < n) diagonal[columns] = matrix[columns * m + columns];
    if (rows + 1 < n) above[rows] = matrix[(n - 1) * m + rows];
    above[n - 1] = 0;
    yield* this.#right ? this.#rightVectors() : this.#leftVectors();
  }

  get #reflectedColumns(): number {
    return Math.min(this.#m - 1, this.#n);
  }

  get #reflectedRows(): number {
    return Math.max(0, Math.min(this.#n - 2, this.#m));
  }

  #reflectColumn(k: number): void {
    const { matrix, diagonal } = this;
    const [start, end] = [k * this.#m + k, (k + 1) * this.#m];
    let norm = 0;
    for (let i = start; i < end; i++) norm = hypotenuse(norm, matrix[i]);
    if (norm !== 0) {
      if (matrix[start] < 0) norm = -norm;
      for (let i = start; i < end; i++) matrix[i] /= norm;
      matrix[start] += 1;
    }
    diagonal[k] = -norm;
  }

  #applyColumn(k: number): void {
    const { matrix, diagonal } = this;
    const m = this.#m;
    const reflects = k < this.#reflectedColumns && diagonal[k] !== 0;
    for (let j = k + 1; j < this.#n; j++) {
      if (reflects) reflect(matrix, k * m + k, j * m + k, m - k, matrix[k * m + k]);
      this.#above[j] = matrix[j * m + k];
    }
  }

  #reflectRow(k: number, along: Float64Array): void {
    const above = this.#above;
    const [m, n] = [this.#m, this.#n];
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = hypotenuse(norm, above[i]);
    if (norm !== 0) {
      if (above[k + 1] < 0) norm = 0 - norm;
      for (let i = k + 1; i < n; i++) above[i] /= norm;
      above[k + 1] += 1;
    }
    above[k] = -norm;
    if (k + 1 < m && norm !== 0) this.#applyRow(k, along);
    if (this.#right) this.vectors.set(above.subarray(k + 1, n), k * n + k + 1);
  }

  #applyRow(k: number, along: Float64Array): void {
    const { matrix } = this;
    const above = this.#above;
    const [m, n] = [this.#m, this.#n];
    along.fill(0, k + 1);
    // Column by column adds the same terms in the same order to every element as row by row.
    for (let j = k + 1; j < n; j++) addTimes(along, k + 1, matrix, j * m + k + 1, m - k - 1, above[j]);
    for (let j = k + 1; j < n; j++)
      addTimes(matrix, j * m + k + 1, along, k + 1, m - k - 1, -above[j] / above[k + 1]);
  }

  *#leftVectors(): Pieces<void> {
    const { vectors, diagonal } = this;
    const [m, n] = [this.#m, this.#n];
    const reflected = this.#reflectedColumns;
    for (let j = reflected; j < n; j++) {
      vectors.fill(0, j * m, (j + 1) * m);
      vectors[j * m + j] = 1;
    }
    for (let k = reflected - 1; k >= 0; k--) {
      const start = k * m + k;
      if (diagonal[k] === 0) {
        vectors.fill(0, k * m, (k + 1) * m);
        vectors[start] = 1;
        continue;
      }
      for (let j = k + 1; j < n; j++) reflect(vectors, start, j * m + k, m - k, vectors[start]);
      for (let i = start; i < (k + 1) * m; i++) vectors[i] = -vectors[i];
      vectors[start] = 1 + vectors[start];
      yield;
    }
  }

  *#rightVectors(): Pieces<void> {
    const { vectors } = this;
    const above = this.#above;
    const n = this.#n;
    for (let k = n - 1; k >= 0; k--) {
      const start = k * n + k + 1;
      if (k < this.#reflectedRows && above[k] !== 0)
        for (let j = k + 1; j < n; j++) reflect(vectors, start, j * n + k + 1, n - k - 1, vectors[start]);
      vectors.fill(0, k * n, (k + 1) * n);
      vectors[k * n + k] = 1;
      yield;
    }
  }

  /** Brings the values to one diagonal, not negative and falling, from the last to the first. */
  *diagonalise(): Pieces<void> {
    for (let left = this.#n; left > 0; yield) {
      const { kind, from } = this.#next(left);
      if (kind === 'converged') {
        this.#order(from);
        left--;
      } else if (kind === 'last is 0') this.#deflateLast(from, left);
      else if (kind === 'split') this.#split(from, left);
      else this.#step(from, left);
    }
  }

  /** What to do with the first `left` values, and from which of them on. */
  #next(left: number) {
    const { diagonal } = this;
    const above = this.#above;
    let k = left - 2;
    for (; k >= 0; k--) {
      const least = Number.MIN_VALUE + Number.EPSILON * Math.abs(diagonal[k] + Math.abs(diagonal[k + 1]));
      if (Math.abs(above[k]) <= least || Number.isNaN(above[k])) {
        above[k] = 0;
        break;
      }
    }
    if (k === left - 2) return { kind: 'converged', from: k + 1 } as const;
    let zero = left - 1;
    for (; zero > k; zero--) {
      const beside = Math.abs(above[zero]) + (zero !== k + 1 ? Math.abs(above[zero - 1]) : 0);
      if (Math.abs(diagonal[zero]) <= Number.EPSILON * beside) {
        diagonal[zero] = 0;
        break;
      }
    }
    if (zero === k) return { kind: 'step', from: k + 1 } as const;
    if (zero === left - 1) return { kind: 'last is 0', from: k + 1 } as const;
    return { kind: 'split', from: zero + 1 } as const;
  }

  #deflateLast(from: number, left: number): void {
    const { diagonal } = this;
    const above = this.#above;
    let f = above[left - 2];
    above[left - 2] = 0;
    for (let j = left - 2; j >= from; j--) {
      const t = hypotenuse(diagonal[j], f);
      const [cosine, sine] = [diagonal[j] / t, f / t];
      diagonal[j] = t;
      if (j !== from) {
        f = -sine * above[j - 1];
        above[j - 1] = cosine * above[j - 1];
      }
      if (this.#right) this.#rotate(j, left - 1, cosine, sine);
    }
  }

  #split(from: number, left: number): void {
    const { diagonal } = this;
    const above = this.#above;
    let f = above[from - 1];
    above[from - 1] = 0;
    for (let j = from; j < left; j++) {
      const t = hypotenuse(diagonal[j], f);
      const [cosine, sine] = [diagonal[j] / t, f / t];
      diagonal[j] = t;
      f = -sine * above[j];
      above[j] = cosine * above[j];
      if (!this.#right) this.#rotate(j, from - 1, cosine, sine);
    }
  }

  #step(from: number, left: number): void {
    const { diagonal } = this;
    const above = this.#above;
    let [f, g] = this.#shifted(from, left);
    for (let j = from; j < left - 1; j++) {
      let t = notZero(hypotenuse(f, g));
      let [cosine, sine] = [f / t, g / t];
      if (j !== from) above[j - 1] = t;
      f = cosine * diagonal[j] + sine * above[j];
      above[j] = cosine * above[j] - sine * diagonal[j];
      g = sine * diagonal[j + 1];
      diagonal[j + 1] = cosine * diagonal[j + 1];
      if (this.#right) this.#rotate(j, j + 1, cosine, sine);
      t = notZero(hypotenuse(f, g));
      [cosine, sine] = [f / t, g / t];
      diagonal[j] = t;
      f = cosine * above[j] + sine * diagonal[j + 1];
      diagonal[j + 1] = -sine * above[j] + cosine * diagonal[j + 1];
      g = sine * above[j + 1];
      above[j + 1] = cosine * above[j + 1];
      if (!this.#right && j < this.#m - 1) this.#rotate(j, j + 1, cosine, sine);
    }
    above[left - 2] = f;
  }

  /** The first rotation of a QR step, by Wilkinson's shift. */
  #shifted(from: number, left: number): [number, number] {
    const { diagonal } = this;
    const above = this.#above;
    const scale = Math.max(
      Math.abs(diagonal[left - 1]),
      Math.abs(diagonal[left - 2]),
      Math.abs(above[left - 2]),
      Math.abs(diagonal[from]),
      Math.abs(above[from]),
    );
    const last = diagonal[left - 1] / scale;
    const before = diagonal[left - 2] / scale;
    const beside = above[left - 2] / scale;
    const first = diagonal[from] / scale;
    const b = ((before + last) * (before - last) + beside * beside) / 2;
    const c = last * beside * (last * beside);
    let shift = 0;
    if (b !== 0 || c !== 0) {
      const root = Math.sqrt(b * b + c);
      shift = c / (b + (b < 0 ? 0 - root : root));
    }
    return [(first + last) * (first - last) + shift, first * (above[from] / scale)];
  }

  /** Makes the value not negative and takes it behind larger ones. */
  #order(from: number): void {
    const { diagonal, vectors } = this;
    const length = this.#length;
    let k = from;
    if (diagonal[k] <= 0) {
      diagonal[k] = diagonal[k] < 0 ? -diagonal[k] : 0;
      if (this.#right) for (let i = k * length; i < (k + 1) * length; i++) vectors[i] = -vectors[i];
    }
    for (; k < this.#n - 1 && !(diagonal[k] >= diagonal[k + 1]); k++) {
      [diagonal[k], diagonal[k + 1]] = [diagonal[k + 1], diagonal[k]];
      const upper = vectors.slice(k * length, (k + 1) * length);
      vectors.copyWithin(k * length, (k + 1) * length, (k + 2) * length);
      vectors.set(upper, (k + 1) * length);
    }
  }

  #rotate(a: number, b: number, cosine: number, sine: number): void {
    rotate(this.vectors, a * this.#length, b * this.#length, this.#length, cosine, sine);
  }
}

function rotate(values: Float64Array, a: number, b: number, length: number, cosine: number, sine: number) {
  for (let i = 0; i < length; i++) {
    const first = values[a + i];
    const second = values[b + i];
    values[b + i] = -sine * first + cosine * second;
    values[a + i] = cosine * first + sine * second;
  }
}

/** Adds to vector b a multiple of a, so that a reflection maps it as LINPACK does: −(a·b)/pivot. */
function reflect(values: Float64Array, a: number, b: number, length: number, pivot: number): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += values[a + i] * values[b + i];
  addTimes(values, b, values, a, length, -sum / pivot);
}

function addTimes(
  to: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  length: number,
  factor: number,
): void {
  for (let i = 0; i < length; i++) to[at + i] += factor * from[start + i];
}

const notZero = (value: number): number => (value === 0 ? Number.MIN_VALUE : value);

function hypotenuse(a: number, b: number): number {
  if (Math.abs(a) > Math.abs(b)) {
    const ratio = b / a;
    return Math.abs(a) * Math.sqrt(1 + ratio * ratio);
  }
  if (b === 0) return 0;
  const ratio = a / b;
  return Math.abs(b) * Math.sqrt(1 + ratio * ratio);
}
