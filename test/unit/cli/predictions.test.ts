import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';

const folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly example: number;
  readonly label: number;
  readonly prediction: number;
}

/** The lines that `dimmer train` prints, and the predictions that it writes. */
async function trainOn(fixture: string, ...args: string[]) {
  let stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const data = fileURLToPath(new URL(`../../fixtures/${fixture}`, import.meta.url));
  const path = join(folder, `${fixture}.csv`);
  const code = await main(['train', '--data', data, ...args, '--predictions', path]);
  vi.restoreAllMocks();
  const [head, ...lines] = readFileSync(path, 'utf8').trim().split('\n');
  const rows = lines.map((line): Row => {
    const [example, label, prediction] = line.split(',').map(Number);
    return { example, label, prediction };
  });
  return { code, head, rows, printed: stdout.trim().split('\n') };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('predictions of clicks', () => {
  let run: Awaited<ReturnType<typeof trainOn>>;
  let lines: readonly any[];
  beforeAll(async () => {
    run = await trainOn('criteo.tsv', '--method', 'uniform', '--budget', '20k', '--epochs', '3', '--json');
    lines = run.printed.map((line) => JSON.parse(line));
  });

  test('give the figures that are reported, by their definitions', () => {
    const { rows } = run;
    const { test: metrics, testReport: report } = lines.at(-1);
    const probability = ({ prediction }: Row): number => 1 / (1 + Math.exp(-prediction));
    const loss = mean(
      rows.map((row) => -Math.log(row.label === 1 ? probability(row) : 1 - probability(row))),
    );
    const rate = mean(rows.map(({ label }) => label));
    const entropy = -rate * Math.log(rate) - (1 - rate) * Math.log(1 - rate);
    const pairs = rows
      .filter(({ label }) => label === 1)
      .flatMap((click) =>
        rows
          .filter(({ label }) => label === 0)
          .map((other) => (Math.sign(click.prediction - other.prediction) + 1) / 2),
      );
    expect(run.head).toBe('example,label,logit');
    expect(metrics.logLoss).toBeCloseTo(loss, 9);
    expect(metrics.auc).toBeCloseTo(mean(pairs), 9);
    expect(report.examples).toBe(rows.length);
    expect(report.baseRate).toBeCloseTo(rate, 9);
    expect(report.normalizedEntropy.value).toBeCloseTo(loss / entropy, 9);
    expect(report.calibration.value).toBeCloseTo(mean(rows.map(probability)) / rate, 9);
    expect(report.accuracy.value).toBeCloseTo(
      mean(rows.map(({ prediction, label }) => Number(prediction >= 0 === (label === 1)))),
      9,
    );
  });

  test('are of the last examples of the data set, in their order', () => {
    const { rows } = run;
    rows.forEach(({ example }, i) => expect(example).toBe(rows[0].example + i));
  });

  test('are sliced by every field, each slice counted once', () => {
    const slices = lines.filter(({ event }) => event === 'slices');
    expect(slices).toHaveLength(26);
    for (const { slices: own } of slices) {
      const examples = own.map((slice: { examples: number }) => slice.examples);
      expect(examples.reduce((sum: number, count: number) => sum + count, 0)).toBe(run.rows.length);
    }
  });
});

test('predictions of ratings give the figures that are reported, which the text names with their intervals', async () => {
  const { rows, head, printed } = await trainOn(
    'u.data',
    '--method',
    'uniform',
    '--budget',
    '2k',
    '--epochs',
    '1',
  );
  const { test: metrics, testReport: report } = JSON.parse(printed.at(-1)!);
  const errors = rows.map(({ label, prediction }) => prediction - label);
  expect(head).toBe('example,label,prediction');
  expect(metrics.mse).toBeCloseTo(mean(errors.map((error) => error ** 2)), 9);
  const { value, low, high } = report.meanAbsoluteError;
  expect(value).toBeCloseTo(mean(errors.map(Math.abs)), 9);
  expect(low).toBeLessThan(value);
  const text = `meanAbsoluteError ${value.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  expect(printed.find((line) => line.startsWith('reported'))).toContain(text);
});

test('a place for predictions that cannot be written is refused before anything is trained', async () => {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const place = join(folder, 'none', 'here.csv');
  const code = await main(['train', '--sample', 'ratings', '--method', 'full', '--predictions', place]);
  vi.restoreAllMocks();
  expect(code).toBe(2);
  expect(said.join('')).toContain('--predictions');
});
