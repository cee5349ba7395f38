import { expect, test } from 'vitest';
import { areaUnderCurve } from '../../../src/data/samples/statistics.ts';
import { fixturePath } from '../../fixtures/fixtures.ts';
import {
  avazuFixture,
  criteoFixture,
  movielensCsvFixture,
  movielensTabFixture,
} from '../../fixtures/generate.ts';

const LARGEST_BYTES = 150_000;
const clicks = [criteoFixture(660), avazuFixture(1000)];
const ratings = [movielensTabFixture(6000), movielensCsvFixture(7000)];

test.each([...clicks, ...ratings])(
  '$name is what its generator writes, and small',
  async ({ name, content }) => {
    await expect(content).toMatchFileSnapshot(fixturePath(name));
    expect(content.length).toBeLessThan(LARGEST_BYTES);
  },
);

test.each(clicks)('what decides a click of $name is planted as strongly as its README says', (fixture) => {
  const best = fixture.name === 'avazu.csv' ? 0.953 : 0.955;
  expect(areaUnderCurve(fixture.probabilities, fixture.labels)).toBeCloseTo(best, 3);
});
