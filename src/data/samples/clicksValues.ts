import { Random } from '../../random/random.ts';
import { rankByPopularity } from '../encodeDataset.ts';
import { splitByHash } from '../split.ts';
import type { ClicksParameters } from './clicksParameters.ts';
import { type Discrete, zipf } from './discrete.ts';

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
  return rankByPopularity(counts, minCount);
}
