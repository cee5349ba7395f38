import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { ClickMetrics } from '../../src/metrics/metrics.ts';
import { Random } from '../../src/random/random.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../src/training/batches/deviceBatches.ts';
import { Evaluator } from '../../src/training/loop/evaluator.ts';
import { unscheduled } from '../../src/training/loop/scheduling.ts';
import { planRun } from '../../src/training/plan/planRun.ts';
import { prepareRun, type PreparedRun } from '../../src/training/plan/prepareRun.ts';
import { tinyDataset, tinySettings } from '../unit/training/tinyDataset.ts';

const EXAMPLES = 20_000;

/** Tiny examples, most of them in the test split, with as many clicks in every split as the rate asks for, in examples drawn by chance. */
function rareClicks(rate: number, { numbers }: { readonly numbers: boolean }): Dataset {
  const tiny = tinyDataset('click', 200 + EXAMPLES);
  const splits = {
    train: { start: 0, count: 100 },
    validation: { start: 100, count: 100 },
    test: { start: 200, count: EXAMPLES },
  };
  const labels = new Float32Array(200 + EXAMPLES);
  for (const { start, count } of Object.values(splits)) {
    const order = new Random(5, `clicks from ${start}`).shuffle(
      Uint32Array.from({ length: count }, (_, i) => i),
    );
    for (const example of order.subarray(0, Math.max(1, Math.round(rate * count))))
      labels[start + example] = 1;
  }
  return { ...tiny, splits, labels, ...(!numbers && { numbers: new Float32Array(), numericColumns: [] }) };
}

/** AUC by its definition over pairs, with each positive held against the negatives sorted once. */
export function pairwiseAuc(values: ArrayLike<number>, labels: ArrayLike<number>): number {
  const of = (label: number) =>
    Float64Array.from(values)
      .filter((_, i) => labels[i] === label)
      .sort();
  const [negatives, positives] = [of(0), of(1)];
  const countFirst = (isCounted: (negative: number) => boolean): number => {
    let [low, high] = [0, negatives.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isCounted(negatives[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  let twice = 0;
  for (const value of positives) twice += countFirst((n) => n < value) + countFirst((n) => n <= value);
  return twice / (2 * negatives.length * positives.length);
}

/** A run of the data whose logits lie around `logit`. */
async function prepareAround(backend: Backend, dataset: Dataset, logit: number, settings: Partial<Settings>) {
  const batchCache = new DeviceBatchesCache();
  const run = await prepareRun(
    planRun({ settings: { ...tinySettings, ...settings }, dataset, backend, batchCache }),
  );
  const bias = run.program.tensors.findLast(({ name }) => /^top\.\d+\.bias$/.test(name))!;
  run.execution.write(bias, Float32Array.of(logit));
  const destroy = (): void => {
    run.execution.destroy();
    batchCache.destroy();
  };
  return { run, destroy };
}

/** The logits of the test split, read from the device after each batch. */
async function predictTest({
  execution,
  batches,
  program,
  layout,
  request,
}: PreparedRun): Promise<Float32Array> {
  const { count } = request.dataset.splits.test;
  const values = new Float32Array(layout.batches.test * layout.batch);
  for (let index = 0; index < layout.batches.test; index++) {
    const slot = batches.evaluationBatch('test', index);
    const constant = { segments: 0, longSegments: 0, learningRate: 0, step: 1, metricSlot: 0 };
    execution.run('evaluate', [{ ...slot, ...constant }]);
    values.set((await execution.read(program.prediction)) as Float32Array, index * layout.batch);
  }
  return values.subarray(0, count);
}

/** That a whole evaluation on the backend gives the exact metrics of what it predicts. */
export function describeEvaluation(name: string, create: () => Promise<Backend>): void {
  describe(`evaluation ${name}`, () => {
    let backend: Backend;
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(() => backend?.destroy());

    const rates = [0.0001, 0.001, 0.01, 0.1, 0.5];
    const cases = rates.flatMap((rate) => [true, false].map((numbers) => ({ rate, numbers })));
    test.each(cases)(
      'of $rate clicks, numbers $numbers: the metrics are the exact ones of the logits',
      async ({ rate, numbers }) => {
        const dataset = rareClicks(rate, { numbers });
        const { run, destroy } = await prepareAround(backend, dataset, Math.log(rate / (1 - rate)), {
          batch: 999,
        });
        const logits = await predictTest(run);
        const metrics = await new Evaluator(run, unscheduled()).evaluate('test', () => false);
        destroy();
        const labels = dataset.labels.subarray(200);
        const auc = pairwiseAuc(logits, labels);
        const ties = logits.length - new Set(logits).size;
        expect(ties > EXAMPLES / 2).toBe(!numbers);
        expect(Math.abs((metrics as ClickMetrics).auc - auc)).toBeLessThan(1e-12);
        const losses = Array.from(logits, (z, i) => Math.log(1 + Math.exp(labels[i] === 1 ? -z : z)));
        const logLoss = losses.reduce((sum, loss) => sum + loss, 0) / EXAMPLES;
        expect((metrics as ClickMetrics).logLoss / logLoss).toBeCloseTo(1, 12);
      },
    );

    test('of examples that go through rings is the same as of resident ones', async () => {
      const dataset = rareClicks(0.1, { numbers: true });
      const evaluate = async (residentBytes: number | undefined) => {
        const batchCache = new DeviceBatchesCache(residentBytes);
        const settings = { ...tinySettings, batch: 64 };
        const run = await prepareRun(planRun({ settings, dataset, backend, batchCache }));
        const evaluator = new Evaluator(run, unscheduled());
        const predictions = await evaluator.predict('test', () => false);
        const train = await evaluator.predict('train', () => false);
        run.execution.destroy();
        batchCache.destroy();
        return { resident: run.layout.resident, predictions, train };
      };
      const [resident, ring] = [await evaluate(undefined), await evaluate(0)];
      expect([resident.resident, ring.resident]).toEqual([true, false]);
      expect(ring.predictions).toEqual(resident.predictions);
      expect(ring.train).toEqual(resident.train);
      expect(resident.predictions!.labels).toEqual(dataset.labels.subarray(200));
    });

    test('of a model whose weights are not numbers gives metrics that are not', async () => {
      const dataset = rareClicks(0.1, { numbers: true });
      const { run, destroy } = await prepareAround(backend, dataset, NaN, {});
      const metrics = (await new Evaluator(run, unscheduled()).evaluate('test', () => false)) as ClickMetrics;
      destroy();
      expect(metrics).toMatchObject({ logLoss: NaN, auc: NaN, accuracy: NaN, calibration: NaN });
    });
  });
}
