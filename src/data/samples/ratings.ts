import { Random } from '../../random/random.ts';
import type { Dataset, Planted } from '../dataset.ts';
import { splitByHash } from '../splits.ts';
import { encodeSample } from './encodeSample.ts';
import { normalCdf, rootMeanSquare, standardise, zipf } from './statistics.ts';

export interface RatingsParameters {
  readonly seed: number;
  readonly users: number;
  readonly items: number;
  /** Different (user, item) pairs. */
  readonly ratings: number;
  /** Popularity: P(rank r) ∝ r^−exponent. */
  readonly zipfExponent: { readonly users: number; readonly items: number };
  /** The most popular `share` of users, and of items, have vectors of `rank` coordinates; then the next. */
  readonly blocks: readonly { readonly share: number; readonly rank: number }[];
  /** Mean score, and standard deviations of its parts. */
  readonly score: {
    readonly mean: number;
    readonly user: number;
    readonly item: number;
    readonly vectors: number;
  };
  /** Standard deviation. */
  readonly noise: number;
  /** Stars given: lowest … highest in steps. */
  readonly scale: { readonly lowest: number; readonly highest: number; readonly step: number };
}

/** What is planted in the ratings sample: popular users and items need many dims, the tail few. */
export const ratingsParameters: RatingsParameters = {
  seed: 1,
  users: 1200,
  items: 2400,
  ratings: 100_000,
  zipfExponent: { users: 0.8, items: 1 },
  blocks: [
    { share: 0.05, rank: 8 },
    { share: 0.2, rank: 4 },
    { share: 1, rank: 1 },
  ],
  score: { mean: 3.5, user: 0.35, item: 0.45, vectors: 0.6 },
  noise: 0.7,
  scale: { lowest: 0.5, highest: 5, step: 0.5 },
};

const minCount = 1;

/**
 * Ratings from a planted matrix factorisation whose rank falls with popularity, block by block:
 * score = μ + b_u + b_i + ⟨p_u, q_i⟩, rating = score + noise, rounded to the scale.
 * Encoded as a MovieLens file would be. bestPossible is the RMSE of E[rating | score].
 */
export function generateRatings(parameters: RatingsParameters): Dataset {
  const startMs = performance.now();
  const { seed, users, items, noise, score: parts } = parameters;
  const pairs = drawPairs(parameters);
  const examples = pairs.length / 2;
  const userBiases = drawNormals(seed, 'ratings.users.bias', users, parts.user);
  const itemBiases = drawNormals(seed, 'ratings.items.bias', items, parts.item);
  const products = standardise(plantProducts(parameters, pairs));

  const random = new Random(seed, 'ratings.noise');
  const expected = new Float64Array(examples);
  const ratings = new Float64Array(examples);
  for (let i = 0; i < examples; i++) {
    const [user, item] = pairs.subarray(2 * i);
    const score = parts.mean + userBiases[user] + itemBiases[item] + parts.vectors * products[i];
    ratings[i] = toScale(score + noise * random.normal(), parameters);
    expected[i] = expectedRating(score, parameters);
  }
  const dataset = encodeSample({
    name: 'ratings',
    task: 'rating',
    minCount,
    fields: [
      { name: 'user', size: users },
      { name: 'item', size: items },
    ],
    numericColumns: [],
    codes: numberByFirst(pairs),
    numbers: new Float32Array(0),
    labels: ratings,
  });
  const testErrors = expected.map((value, i) => value - ratings[i]).filter((_, i) => splitByHash(i) === 2);
  return {
    ...dataset,
    bestPossible: { metric: 'rmse', value: rootMeanSquare(testErrors) },
    planted: [describeRanks(parameters)],
    report: {
      linesRead: examples,
      bytesRead: 0,
      skipped: [],
      warnings: [],
      sampled: false,
      minCount,
      splitBy: 'hash',
      elapsedMs: performance.now() - startMs,
    },
  };
}

/** Users and items are called 0, 1, 2 … in the order in which they come. [ratings, 2] */
function numberByFirst(pairs: Uint32Array): Uint32Array {
  const known = [new Map<number, number>(), new Map<number, number>()];
  return pairs.map((one, i) => {
    const numbers = known[i % 2];
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return number;
  });
}

/** Users and items by popularity rank, no pair twice. [ratings, 2] */
function drawPairs({ seed, users, items, ratings, zipfExponent }: RatingsParameters): Uint32Array {
  const userZipf = zipf(users, zipfExponent.users);
  const itemZipf = zipf(items, zipfExponent.items);
  const random = new Random(seed, 'ratings.pairs');
  const seen = new Uint8Array(users * items);
  const pairs = new Uint32Array(2 * ratings);
  for (let next = 0; next < pairs.length;) {
    const user = userZipf.draw(random);
    const item = itemZipf.draw(random);
    if (seen[user * items + item] === 1) continue;
    seen[user * items + item] = 1;
    pairs[next++] = user;
    pairs[next++] = item;
  }
  return pairs;
}

/** ⟨p_u, q_i⟩ over the coordinates that both have. [ratings] */
function plantProducts({ seed, users, items, blocks }: RatingsParameters, pairs: Uint32Array): Float64Array {
  const width = Math.max(...blocks.map(({ rank }) => rank));
  const plant = (name: string, rows: number) => {
    const vectors = drawNormals(seed, name, rows * width, 1);
    for (let row = 0; row < rows; row++) {
      const { rank } = blocks.find(({ share }) => row < share * rows)!;
      vectors.fill(0, row * width + rank, (row + 1) * width);
    }
    return vectors;
  };
  const userVectors = plant('ratings.users.vectors', users);
  const itemVectors = plant('ratings.items.vectors', items);
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) => {
    let product = 0;
    for (let c = 0; c < width; c++) {
      product += userVectors[pairs[2 * i] * width + c] * itemVectors[pairs[2 * i + 1] * width + c];
    }
    return product;
  });
}

function drawNormals(seed: number, stream: string, count: number, deviation: number): Float64Array {
  const random = new Random(seed, stream);
  return Float64Array.from({ length: count }, () => deviation * random.normal());
}

function toScale(score: number, { scale: { lowest, highest, step } }: RatingsParameters): number {
  return Math.min(highest, Math.max(lowest, Math.round(score / step) * step));
}

/** E[toScale(score + noise·N(0,1))]: the lowest star and a step for every threshold passed. */
function expectedRating(
  score: number,
  { noise, scale: { lowest, highest, step } }: RatingsParameters,
): number {
  let expected = lowest;
  for (let star = lowest; star < highest; star += step) {
    expected += step * normalCdf((score - (star + step / 2)) / noise);
  }
  return expected;
}

function describeRanks({ blocks }: RatingsParameters): Planted {
  const parts = blocks.map(({ share, rank }, i) => {
    if (i === blocks.length - 1) return `the rest ${rank}`;
    return i === 0
      ? `the most popular ${100 * share} % of users and of items have vectors of ${rank} coordinates`
      : `the next, up to ${100 * share} %, ${rank}`;
  });
  const text = parts.join(', ');
  return {
    kind: 'ranks',
    fields: ['user', 'item'],
    sentence: `${text[0].toUpperCase()}${text.slice(1)}: dims spent on popular rows pay.`,
  };
}
