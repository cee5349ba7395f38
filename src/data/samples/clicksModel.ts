import { Random } from '../../random/random.ts';
import { rankByPopularity } from '../encoding/rankByPopularity.ts';
import { splitByHash } from '../splits.ts';
import { runSteps } from '../containers/pace.ts';
import type { ClicksParameters, Meaning } from './clicksParameters.ts';
import { type Discrete, zipf } from './statistics.ts';

/** Value of every cell. [examples, fields] */
export function drawValues(parameters: ClicksParameters): Uint32Array {
  const { seed, examples, rows, zipfExponent, twins, digits } = parameters;
  const fields = rows.length;
  const values = new Uint32Array(examples * fields);
  const things = drawAll(zipf(twins.things, zipfExponent), new Random(seed, 'clicks.things'), examples);
  for (const [f, size] of rows.entries()) {
    const exponent = f === digits.field ? digits.zipfExponent : zipfExponent;
    const popularity = zipf(size, exponent);
    const random = new Random(seed, `clicks.values.${f}`);
    const isTwin = twins.fields.includes(f);
    for (let i = 0, cell = f; i < examples; i++, cell += fields) {
      values[cell] = isTwin && random.uniform() < twins.fidelity ? things[i] : popularity.draw(random);
    }
  }
  return values;
}

function drawAll(distribution: Discrete, random: Random, draws: number): Uint32Array {
  const outcomes = new Uint32Array(draws);
  for (let i = 0; i < draws; i++) outcomes[i] = distribution.draw(random);
  return outcomes;
}

/** The ids that the loader gives the values of a field. */
export function idsOf(
  field: number,
  { rows }: ClicksParameters,
  values: Uint32Array,
  minCount: number,
): { readonly idOfCode: Uint32Array; readonly rareId: number } {
  const fields = rows.length;
  const counts = new Uint32Array(rows[field]);
  for (let i = 0, cell = field; cell < values.length; i++, cell += fields) {
    if (splitByHash(i) === 0) counts[values[cell]]++;
  }
  return runSteps(rankByPopularity(counts, minCount));
}

/** What the values of a field mean to the planted model. */
export interface Latents {
  readonly rank: number;
  readonly vectors: Float64Array; // [rows, rank]
  readonly weights: Float64Array; // [rows]
}

/** Latents of every field; `codes` are the numbers whose digits carry the meaning of the digits field. [rows of it] */
export function plantLatents(parameters: ClicksParameters, codes: Uint32Array): readonly Latents[] {
  const { seed, rows, levels, twins, digits } = parameters;
  return rows.map((size, f) => {
    if (f === digits.field) return sumDigits(codes, draw(seed, f, digitsOf(size), digits), digits);
    if (twins.fields.includes(f)) return draw(seed, twins.fields[0], size, twins);
    return draw(
      seed,
      f,
      size,
      levels.find((level) => size <= level.rows)!,
    );
  });
}

/** Binary digits of the numbers 0 … rows, the rare row's among them. */
export function digitsOf(rows: number): number {
  return Math.ceil(Math.log2(rows + 1));
}

function draw(seed: number, stream: number, rows: number, { rank, vector, single }: Meaning): Latents {
  const vectors = new Random(seed, `clicks.vectors.${stream}`);
  const weights = new Random(seed, `clicks.weights.${stream}`);
  return {
    rank,
    vectors: Float64Array.from({ length: rows * rank }, () => vector * vectors.normal()),
    weights: Float64Array.from({ length: rows }, () => single * weights.normal()),
  };
}

/** Digit j adds part j where it is 1 and takes it away where it is 0; of as many parts 1/√parts each. */
function sumDigits(codes: Uint32Array, parts: Latents, { rank }: Meaning): Latents {
  const count = parts.weights.length;
  const sign = (code: number, digit: number) => (((code >>> digit) & 1) * 2 - 1) / Math.sqrt(count);
  const sum = (of: Float64Array, width: number) =>
    Float64Array.from({ length: codes.length * width }, (_, at) => {
      let total = 0;
      for (let digit = 0; digit < count; digit++) {
        total += sign(codes[Math.floor(at / width)], digit) * of[digit * width + (at % width)];
      }
      return total;
    });
  return { rank, vectors: sum(parts.vectors, rank), weights: sum(parts.weights, 1) };
}

/** Σ_{f<g} ⟨v_f, v_g⟩ = ½ Σ_c ((Σ_f v_fc)² − Σ_f v_fc²). [examples] */
export function scorePairs(latents: readonly Latents[], values: Uint32Array): Float64Array {
  const fields = latents.length;
  const sums = new Float64Array(Math.max(...latents.map(({ rank }) => rank)));
  const scores = new Float64Array(values.length / fields);
  for (let i = 0, cell = 0; i < scores.length; i++) {
    sums.fill(0);
    let twice = 0;
    for (let f = 0; f < fields; f++) {
      const { rank, vectors } = latents[f];
      const at = values[cell++] * rank;
      for (let c = 0; c < rank; c++) {
        const coordinate = vectors[at + c];
        sums[c] += coordinate;
        twice -= coordinate * coordinate;
      }
    }
    for (let c = 0; c < sums.length; c++) twice += sums[c] * sums[c];
    scores[i] = twice / 2;
  }
  return scores;
}

/** Σ_f w_f. [examples] */
export function scoreSingles(latents: readonly Latents[], values: Uint32Array): Float64Array {
  const scores = new Float64Array(values.length / latents.length);
  for (let i = 0, cell = 0; i < scores.length; i++) {
    let score = 0;
    for (let f = 0; f < latents.length; f++) score += latents[f].weights[values[cell++]];
    scores[i] = score;
  }
  return scores;
}
