import { describe, expect, test } from 'vitest';
import { inspectRun } from '../../../src/worker/inspectRun.ts';
import { tinyDataset } from '../training/tinyDataset.ts';

const clicks = tinyDataset('click');
const { start, count } = clicks.splits.test;
const turn = () => Promise.resolve();

/** Logits that know the label, and some noise. */
const predict = (noise: number, examples = count): Float32Array =>
  Float32Array.from({ length: examples }, (_, i) => clicks.labels[start + i] + noise * Math.sin(7 * i));

describe('the inspection of a run', () => {
  test('slices its test examples by a field, and compares them with a reference', async () => {
    const asked = { field: 2, predictions: predict(0.5), reference: predict(3) };
    const inspection = await inspectRun(clicks, asked, turn);
    expect(inspection).toMatchObject({ field: 2, examples: count });
    expect(inspection!.slices.reduce((sum, { examples }) => sum + examples, 0)).toBe(count);
    expect(inspection!.slices.every(({ lossDifference }) => lossDifference !== undefined)).toBe(true);
    expect(inspection!.differences!.auc!.value).toBeGreaterThan(0);
  });

  test('takes the first examples of a split whose predictions are not all kept', async () => {
    const inspection = await inspectRun(
      clicks,
      { field: 0, predictions: predict(1, 40), reference: null },
      turn,
    );
    expect(inspection).toMatchObject({ examples: 40, differences: null });
    expect(inspection!.slices.reduce((sum, { examples }) => sum + examples, 0)).toBe(40);
  });

  test('leaves out a reference of other examples', async () => {
    const asked = { field: 0, predictions: predict(1), reference: predict(1, 40) };
    expect((await inspectRun(clicks, asked, turn))!.differences).toBeNull();
  });

  test('refuses predictions that are not of this data set', async () => {
    const asked = { predictions: new Float32Array(count + 1), reference: null };
    expect(await inspectRun(clicks, { field: 0, ...asked }, turn)).toBeNull();
    const unknown = { field: 3, predictions: predict(1), reference: null };
    expect(await inspectRun(clicks, unknown, turn)).toBeNull();
  });

  test('compares ratings by RMSE', async () => {
    const ratings = tinyDataset('rating');
    const values = ratings.labels.slice(ratings.splits.test.start);
    const asked = { field: 1, predictions: values.map((value) => value + 0.1), reference: values };
    const { differences, slices } = (await inspectRun(ratings, asked, turn))!;
    expect(differences!.rmse!.value).toBeCloseTo(0.1, 6);
    expect(slices[0].auc).toBeUndefined();
  });
});
