import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../../src/backend/cpu/backend.ts';
import { splitByHash } from '../../../../src/data/splits.ts';
import { load } from '../../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../../src/data/source.ts';
import { type MethodId, methodLabels, type Settings } from '../../../../src/settings/settings.ts';
import { Evaluator } from '../../../../src/training/loop/evaluator.ts';
import { unscheduled } from '../../../../src/training/loop/scheduling.ts';
import type { PreparedRun } from '../../../../src/training/plan/prepareRun.ts';
import { scoreLines } from '../../../../src/training/scoring/scoreLines.ts';
import { Scorer } from '../../../../src/training/scoring/scorer.ts';
import { trainRun } from '../../../../src/training/train.ts';
import { encodeRun, openRun } from '../../../../src/training/weights/runFile.ts';
import { blobOf } from '../../../support/tensorFiles.ts';
import { tinySettings } from '../tinyDataset.ts';

const LINES = 900;

/** Clicks, or ratings, with a number, two fields whose values are words, and some that occur once. */
function csvOf(task: 'click' | 'rating'): Blob & { readonly name: string } {
  const lines = Array.from({ length: LINES }, (_, i) => {
    const [user, item] = [(i * i) % 31, (i * 7) % 17];
    const label = task === 'click' ? Number((user + item) % 3 === 0) : 1 + ((user + item) % 5);
    return `${label},${(i % 50) / 4},nutzer ${user},${i % 40 === 0 ? `nur ${i}` : `größe ${item}`}`;
  });
  const text = `label,price,user,item\n${lines.join('\n')}\n`;
  return Object.assign(new Blob([text]), { name: 'log.csv' });
}

interface Trained {
  readonly file: Blob;
  /** Of the test split. */
  readonly predicted: Float32Array;
}

async function trainOn(task: 'click' | 'rating', settings: Partial<Settings>): Promise<Trained> {
  const roles = ['label', 'number', 'category', 'category'] as const;
  const dataset = await load(csvOf(task), { ...defaultLoadOptions, roles, keepNames: true, minCount: 2 });
  let trained: Trained | undefined;
  const events = trainRun({
    settings: { ...tinySettings, epochs: 2, batch: 64, ...settings },
    dataset,
    backend: createCpuBackend(),
    async onTrained(run, _, metrics) {
      const predictions = await new Evaluator(run as PreparedRun, unscheduled()).predict('test', () => false);
      trained = { file: blobOf(...(await encodeRun(run, { metrics }))), predicted: predictions!.values };
    },
  });
  for await (const _ of events);
  return trained!;
}

async function scoresOf(file: Blob, source: Blob & { readonly name: string }) {
  const backend = createCpuBackend();
  const saved = await openRun(file);
  const scorer = await Scorer.open(saved, backend);
  const scores = new Map<number, number>();
  const unseen: number[] = [];
  const lines = scoreLines(saved, scorer, source, {});
  for (let next = await lines.next(); ; next = await lines.next()) {
    if (next.done) {
      scorer.destroy();
      return { scores, unseen, report: next.value };
    }
    for (let i = 0; i < next.value.count; i++) scores.set(next.value.lines[i], next.value.scores[i]);
    unseen.push(...next.value.unseen.subarray(0, next.value.count));
  }
}

const cases = (Object.keys(methodLabels) as MethodId[]).map((method) => ({ method }));

test.each(cases)('a model of $method scores a file as it was evaluated, bit for bit', async ({ method }) => {
  const { file, predicted } = await trainOn('click', { method, budget: 700 });
  const { scores, report } = await scoresOf(file, csvOf('click'));
  const inTest = Array.from({ length: LINES }, (_, k) => k).filter((k) => splitByHash(k) === 2);
  // Line 1 is the header.
  expect(Float32Array.from(inTest, (k) => scores.get(k + 2)!)).toEqual(predicted);
  expect(report).toMatchObject({ linesRead: LINES, scored: LINES, refused: [], labelled: LINES });
});

test.each<Partial<Settings>>([
  { method: 'mixed-dimension', blocks: 3, alpha: 0.4, postTraining: 'int8' },
  { method: 'uniform', activationBits: '8', optimizer: 'adam' },
  { method: 'full', fieldMethods: 'item=hashing' },
  { method: 'hashing', model: 'dlrm' },
  { method: 'prune', model: 'mf' },
  { method: 'lma', model: 'mf' },
  { method: 'mixed-dimension', model: 'mf', l2: 0.01 },
])('a model of %o does so too', async (settings) => {
  const task = settings.model ? 'rating' : 'click';
  const { file, predicted } = await trainOn(task, { budget: 700, ...settings });
  const { scores } = await scoresOf(file, csvOf(task));
  const inTest = Array.from({ length: LINES }, (_, k) => k).filter((k) => splitByHash(k) === 2);
  expect(Float32Array.from(inTest, (k) => scores.get(k + 2)!)).toEqual(predicted);
});

test('the metrics of the lines of a split are those in the file', async () => {
  const { file } = await trainOn('click', { method: 'uniform', budget: 700 });
  const [header, ...lines] = (await csvOf('click').text()).trimEnd().split('\n');
  const kept = lines.filter((_, k) => splitByHash(k) === 1);
  const { report } = await scoresOf(file, named([header, ...kept].join('\n')));
  expect(report.metrics).toEqual((await openRun(file)).run.metrics!.validation);
});

const named = (text: string) => Object.assign(new Blob([text]), { name: 'other.csv' });

/** The same lines, changed cell by cell. */
async function changed(change: (cells: string[], line: number) => string[]) {
  const lines = (await csvOf('click').text()).trimEnd().split('\n');
  return named(lines.map((line, i) => change(line.split(','), i).join(',')).join('\n'));
}

test('the order of columns, and others beside them, change no score; neither does a label that is not there', async () => {
  const { file } = await trainOn('click', { method: 'mixed-dimension', budget: 700 });
  const { scores } = await scoresOf(file, csvOf('click'));
  const reordered = await changed(([, price, user, item], i) => [item, i === 0 ? 'day' : 'x', price, user]);
  const again = await scoresOf(file, reordered);
  expect(again.scores).toEqual(scores);
  expect(again.report).toMatchObject({ hasLabel: false, labelled: 0, metrics: null });
});

test('lines that cannot be read are counted and named, and the others are scored', async () => {
  const { file } = await trainOn('click', { method: 'uniform', budget: 700 });
  const { scores } = await scoresOf(file, csvOf('click'));
  const broken = await changed((cells, i) => {
    if (i === 5) return cells.with(1, 'cheap');
    if (i === 9) return cells.with(0, 'perhaps');
    return i === 7 || i === 11 ? cells.slice(1) : cells;
  });
  const again = await scoresOf(file, broken);
  for (const line of [6, 8, 12]) scores.delete(line);
  expect(again.scores).toEqual(scores);
  expect(again.report.refused).toEqual([
    { reason: 'column 2 (price) is not a number', count: 1, firstLine: 6 },
    { reason: 'wrong number of columns (not 4)', count: 2, firstLine: 8 },
  ]);
  expect(again.report.labelled).toBe(LINES - 4);
});

test('every line tells how many of its values have no row of their own', async () => {
  const { file } = await trainOn('click', { method: 'uniform', budget: 700 });
  const other = named(
    'label,price,user,item\n1,2,nutzer 4,größe 3\n0,1,nobody,größe 4\n1,1,nobody,nothing\n',
  );
  expect((await scoresOf(file, other)).unseen).toEqual([0, 1, 2]);
});

test('a file without the columns of the model is refused, with their names', async () => {
  const { file } = await trainOn('click', { method: 'uniform', budget: 700 });
  await expect(scoresOf(file, named('label,cost,user,thing\n1,2,a,b\n0,3,a,c\n'))).rejects.toThrow(
    'columns that the model was trained on are missing: “price”, “item”',
  );
});
