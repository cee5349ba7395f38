import type { Planted } from '../dataset.ts';
import { digitsOf, idsOf } from './clicksModel.ts';
import type { ClicksParameters } from './clicksParameters.ts';

/** What the sample says about itself. */
export function describePlanted(
  parameters: ClicksParameters,
  values: Uint32Array,
  minCount: number,
): readonly Planted[] {
  return [describeRanks(parameters), describeTwins(parameters, values, minCount), describeDigits(parameters)];
}

const nameOf = (field: number) => `C${field + 1}`;

function describeRanks({ rows, levels }: ClicksParameters): Planted {
  const largest = levels.reduce((a, b) => (b.rank > a.rank ? b : a));
  const rest = levels.find(({ rank }) => rank < largest.rank)!;
  const fields = rows.flatMap((size, f) =>
    levels.find((level) => size <= level.rows) === largest ? [nameOf(f)] : [],
  );
  return {
    kind: 'ranks',
    fields,
    sentence: `A value of ${listed(fields)} has a vector of ${largest.rank} coordinates, any other value of ${rest.rank}: dims spent on these fields pay, dims spent on large fields do not.`,
  };
}

function describeTwins(
  parameters: ClicksParameters,
  values: Uint32Array,
  minCount: number,
): Extract<Planted, { kind: 'twins' }> {
  const { fields, fidelity } = parameters.twins;
  const ids = fields.map((field) => idsOf(field, parameters, values, minCount));
  const groups: number[] = [];
  const shared = Math.min(...fields.map((field) => parameters.rows[field]));
  for (let value = 0; value < shared; value++) {
    const group = ids.map(({ idOfCode }) => idOfCode[value]);
    if (group.every((id, i) => id !== ids[i].rareId)) groups.push(...group);
  }
  const names = fields.map(nameOf);
  return {
    kind: 'twins',
    fields: names,
    groups: Uint32Array.from(groups),
    sentence: `${listed(names)} name the same thing in most examples (each does so ${Math.round(100 * fidelity)} % of the time), and a thing has the same vector in all of them: values that occur together can share their memory.`,
  };
}

function describeDigits({ rows, digits }: ClicksParameters): Extract<Planted, { kind: 'digits' }> {
  const count = digitsOf(rows[digits.field]);
  const name = nameOf(digits.field);
  return {
    kind: 'digits',
    fields: [name],
    base: 2,
    digits: count,
    sentence: `A value of ${name} is a number of ${count} binary digits, its place in the order of popularity, and each digit adds its own part to the vector: one table for the remainder and one for the quotient, added, lose nothing when the remainders are a power of two.`,
  };
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
