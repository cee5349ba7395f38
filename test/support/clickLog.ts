import { mix32 } from '../../src/random/hash.ts';
import { Random } from '../../src/random/random.ts';

/** Distinct values of the 26 categorical columns of the Kaggle Display Advertising Challenge's 45,840,617 lines. */
const KAGGLE_CARDINALITIES = [
  1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10,
  5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
];
const NUMERIC_COLUMNS = 13;
/** How steeply the frequency of a value falls with its rank. */
const ZIPF = 1.05;
/** Shares of empty cells. */
const MISSING_NUMBERS = 0.2;
const MISSING_VALUES = 0.05;
/** Of the click log odds: what they are without any value, and the deviation that the values of a column add. */
const BIAS = -1.1;
const WEIGHT = 0.35;

/** Ranks and cells are drawn by the upper 12 bits of a word. */
const QUANTILES = 2 ** 12;
const QUANTILE_SHIFT = 20;
const NEWLINE = 10;
const TAB = 9;
/** No line is longer: a label, 13 numbers of at most 5 digits, 26 values of 8, and what separates them. */
const LONGEST_LINE = 512;

/**
 * Lines of the shape of Criteo's logs (label, I1 … I13, C1 … C26, between tabs), as many as asked for, in pieces of about `pieceBytes`.
 * The values of a column are drawn by a Zipf law over Kaggle's cardinality, so that how many occur grows with the lines. The label is
 * drawn from the log odds BIAS + Σ over columns of a weight of the value, so that there is something to learn. The same seed gives the
 * same bytes. Each piece is overwritten by the next one.
 */
export function* clickLogLines(lines: number, seed: number, pieceBytes = 2 ** 22): Generator<Uint8Array> {
  const random = new Random(seed, 'click log');
  const ranks = KAGGLE_CARDINALITIES.map(zipfQuantiles);
  const numbers = Array.from({ length: NUMERIC_COLUMNS }, (_, column) => numberCells(column));
  const piece = new Uint8Array(pieceBytes + LONGEST_LINE);
  const values = new Uint32Array(KAGGLE_CARDINALITIES.length);
  let end = 0;
  for (let line = 0; line < lines; line++) {
    let score = BIAS;
    for (let f = 0; f < values.length; f++) {
      const quantiles = ranks[f];
      const word = random.word();
      const k = word >>> QUANTILE_SHIFT;
      const rest = (word & (2 ** QUANTILE_SHIFT - 1)) * 2 ** -QUANTILE_SHIFT;
      const rank = Math.floor(quantiles[k] + rest * (quantiles[k + 1] - quantiles[k]));
      // Different for every rank of a column; 0 stands for an empty cell.
      const value = mix32((rank + Math.imul(f + 1, 0x9e3779b1)) | 0) || 1;
      const isMissing = (value ^ word) >>> 0 < MISSING_VALUES * 2 ** 32;
      values[f] = isMissing ? 0 : value;
      score += WEIGHT * weightOf(values[f]);
    }
    piece[end++] = 48 + Number(random.uniform() < 1 / (1 + Math.exp(-score)));
    for (const cells of numbers) {
      piece[end++] = TAB;
      const cell = cells[random.word() >>> QUANTILE_SHIFT];
      for (let i = 0; i < cell.length; i++) piece[end++] = cell[i];
    }
    for (let f = 0; f < values.length; f++) {
      piece[end++] = TAB;
      if (values[f] !== 0) end = writeHexadecimal(piece, end, values[f]);
    }
    piece[end++] = NEWLINE;
    if (end < pieceBytes) continue;
    yield piece.subarray(0, end);
    end = 0;
  }
  if (end > 0) yield piece.subarray(0, end);
}

/** The ranks at QUANTILES + 1 equal steps of probability of a Zipf law, by the integral of rank^−ZIPF. */
function zipfQuantiles(cardinality: number): Float64Array {
  const power = 1 - ZIPF;
  const mass = (cardinality + 1) ** power - 1;
  return Float64Array.from({ length: QUANTILES + 1 }, (_, k) =>
    Math.min(cardinality, (1 + (k / QUANTILES) * mass) ** (1 / power) - 1),
  );
}

/** Cells of whole numbers whose magnitudes spread as counts do, some of them empty. */
function numberCells(column: number): readonly Uint8Array[] {
  const scale = 2 ** (1 + (column % 6) * 2);
  return Array.from({ length: QUANTILES }, (_, k) => {
    const quantile = (k + 0.5) / QUANTILES;
    if (quantile < MISSING_NUMBERS) return new Uint8Array(0);
    const rest = (quantile - MISSING_NUMBERS) / (1 - MISSING_NUMBERS);
    return new TextEncoder().encode(String(Math.floor(scale * -Math.log1p(-rest))));
  });
}

/** Between −1 and 1, the same for the same value. */
function weightOf(value: number): number {
  return value === 0 ? 0 : mix32(value) * 2 ** -31 - 1;
}

const digits = new TextEncoder().encode('0123456789abcdef');

function writeHexadecimal(piece: Uint8Array, at: number, value: number): number {
  for (let shift = 28; shift >= 0; shift -= 4) piece[at++] = digits[(value >>> shift) & 15];
  return at;
}
