import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMemoryLimits } from '../../../src/cli/memoryLimits.ts';
import { ratingsFile } from '../../support/ratingsFile.ts';
import { runCommand } from '../../support/runCommand.ts';

let folder = '';
let ratings = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  ratings = join(folder, 'u.data');
  writeFileSync(ratings, ratingsFile);
});
afterAll(() => rmSync(folder, { recursive: true }));

const short = ['--epochs', '1', '--batch', '200', '--budgets', '300'];
const compare = (...args: string[]) => runCommand(['compare', '--data', ratings, ...short, ...args]);

/** Without what a clock says. */
const outcomes = (lines: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  lines.map(({ msPerStep: _m, seconds: _s, check: _c, ...rest }) => JSON.stringify(rest)).toSorted();
const inFile = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('compare --sweep', () => {
  test('trains every combination, and the table has a row for each', async () => {
    const { code, lines, stderr } = await compare(
      '--methods',
      'mixed-dimension',
      '--sweep',
      'alpha=0,0.4',
      '--sweep',
      'lr=0.01,0.02',
    );
    expect(code).toBe(0);
    expect(lines.map(({ settings }) => [settings.alpha, settings.learningRate])).toEqual([
      [0, 0.01],
      [0, 0.02],
      [0.4, 0.01],
      [0.4, 0.02],
    ]);
    expect(stderr).toMatch(/Mixed dimension, Temperature α 0\.4, Learning rate 0\.02 +300/);
  });

  test('pairs a method with uniform at the same settings', async () => {
    const { stderr } = await compare('--methods', 'uniform,hashing', '--sweep', 'learning-rate=0.001,0.05');
    const rows = stderr.split('\n').filter((row) => /^(Uniform|Hashing trick), Learning rate/.test(row));
    const cell = (row: string): readonly number[] =>
      (row.match(/-?[+−]?\d+\.\d{4}/g) ?? []).map((text) => Number(text.replace('−', '-')));
    const [uniform, hashing] = ['Uniform', 'Hashing'].map((name) =>
      rows.filter((row) => row.startsWith(name)).map(cell),
    );
    for (const [i, [rmse, , difference]] of hashing.entries())
      expect(difference).toBeCloseTo(rmse - uniform[i][0], 3);
  });

  test.each([
    ['alpha', 'has no “=”'],
    ['budget=1k', 'Give budgets by --budgets.'],
    ['min-count=1,2', 'start a command for each --min-count'],
    ['alfa=1', 'Did you mean alpha?'],
    ['alpha=2', 'cannot be'],
  ])('refuses %s in words', async (text, words) => {
    const { code, stderr } = await compare('--methods', 'uniform', '--sweep', text);
    expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
  });

  test('refuses a setting that has a value of its own', async () => {
    const { code, stderr } = await compare('--methods', 'uniform', '--sweep', 'alpha=0,1', '--alpha', '0.2');
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('--alpha and --sweep alpha=… are both given.'),
    ]);
  });
});

describe('shards', () => {
  const sweep = ['--methods', 'uniform,mixed-dimension', '--sweep', 'alpha=0,0.2,0.4', '--seeds', '2'];

  test('merge to what one command gives, to the bit', async () => {
    const whole = await compare(...sweep);
    const parts = [1, 2, 3].map((index) => join(folder, `part-${index}.jsonl`));
    for (const [i, part] of parts.entries())
      expect((await compare(...sweep, '--shard', `${i + 1}/3`, '--out', part)).code).toBe(0);
    const out = join(folder, 'all.jsonl');
    const merged = await runCommand(['merge', ...parts, '--out', out]);
    expect(merged.code).toBe(0);
    expect(outcomes(inFile(out))).toEqual(outcomes(whole.lines));
    expect(parts.map((part) => inFile(part).length)).toEqual([3, 3, 2]);
    expect(merged.stderr).toContain('Mixed dimension, Temperature α 0.4');
    // Whoever goes on with the whole has nothing to train.
    const again = await compare(...sweep, '--out', out);
    expect(again.stderr.match(/\(kept\)/g)).toHaveLength(8);
  });

  test('in several files count once, and what is damaged is told of', async () => {
    const one = join(folder, 'one.jsonl');
    await compare('--methods', 'uniform', '--out', one);
    appendFileSync(one, '{"event":"result"\n');
    const { code, lines, stderr } = await runCommand(['merge', one, one]);
    expect(lines).toHaveLength(1);
    expect([code, stderr]).toEqual([1, expect.stringContaining('line 2 is cut off or damaged')]);
  });

  test.each(['0/3', '4/3', '3', '1/0', 'a/b'])('refuse %s', async (text) => {
    const { code, stderr } = await compare('--methods', 'uniform', '--shard', text);
    expect([code, stderr]).toEqual([2, expect.stringContaining('Give one from 1/N to N/N')]);
  });

  test('that are not there are no empty ones', async () => {
    const { code, stderr } = await runCommand(['merge', join(folder, 'none.jsonl')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be read')]);
  });
});

test('processes side by side have equal parts of the memory', () => {
  const { heapBytes, totalBytes } = readMemoryLimits();
  expect(readMemoryLimits(4)).toEqual({ heapBytes, totalBytes: totalBytes / 4 });
});
