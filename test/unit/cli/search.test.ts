import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComparisonLine } from '../../../src/cli/comparisonLine.ts';
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

const short = ['--epochs', '9', '--batch', '200', '--seeds', '2'];
const flags = [
  '--methods',
  'uniform,mixed-dimension',
  '--budgets',
  '300,600',
  '--sweep',
  'alpha=0.1,0.3',
  '--rates',
  '3',
];
const dimmer = (command: string, ...args: string[]) =>
  runCommand([command, '--data', ratings, ...short, ...args]);

interface Outcome {
  readonly event: string;
  readonly trainedSteps: number;
  readonly plannedSteps: number;
  readonly tries: number;
}

const events = (lines: readonly unknown[], event: string) =>
  (lines as readonly Outcome[]).filter((line) => line.event === event);

/** Without what a clock says, and whether it was trained at once. */
const outcomes = (lines: readonly ComparisonLine[]): readonly string[] =>
  lines
    .filter(({ event }) => event === 'result')
    .map(({ msPerStep: _m, seconds: _s, trainedOn: _t, fromStep: _f, ...rest }) => JSON.stringify(rest))
    .toSorted();

describe('search', () => {
  test('trains winners to the bits of compare, though it went on from rung to rung', async () => {
    const found = await dimmer('search', ...flags);
    expect(found.code).toBe(0);
    const results = found.lines.filter(({ event }) => event === 'result');
    expect(results).toHaveLength(8);
    expect(results.some(({ fromStep = 0 }) => fromStep > 0)).toBe(true);
    for (const line of results) {
      const { method, alpha, learningRate, seed } = line.settings;
      const own = [
        '--methods',
        method,
        '--budgets',
        line.askedBudget,
        '--learning-rate',
        String(learningRate),
      ];
      const alphas = method === 'uniform' ? [] : ['--alpha', String(alpha)];
      const alone = await runCommand(
        ['compare', '--data', ratings, '--seed', String(seed)].concat(short.slice(0, 4), own, alphas),
      );
      expect(outcomes(alone.lines)).toEqual(outcomes([line]));
    }
  });

  test('says with how many tries and steps, and what is on the front', async () => {
    const { lines, stderr } = await dimmer('search', ...flags);
    expect(events(lines, 'winner').map(({ tries }) => tries)).toEqual([3, 6, 3, 6]);
    const [{ trainedSteps, plannedSteps }] = events(lines, 'search');
    expect(trainedSteps).toBeGreaterThan(0);
    expect(trainedSteps).toBeLessThanOrEqual(plannedSteps);
    expect(stderr).toContain('The front, by mean validation MSE over seeds:');
    expect(stderr).toContain(
      'each method from 3 learning rates under each combination of its other settings',
    );
    expect(stderr).toContain('mixed-dimension at 600: 6 tries');
  });

  test('stays within the steps that it may take, or says how many it needs', async () => {
    const within = await dimmer('search', ...flags, '--steps', '2k');
    const [{ trainedSteps }] = events(within.lines, 'search');
    expect(trainedSteps).toBeLessThanOrEqual(2000);
    const refused = await dimmer('search', ...flags, '--steps', '10');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/at least \d+ training steps/)]);
  });

  test('goes on from its file, with nothing to train and the same end', async () => {
    const out = join(folder, 'found.jsonl');
    const first = await dimmer('search', ...flags, '--out', out);
    const file = readFileSync(out, 'utf8');
    const again = await dimmer('search', ...flags, '--out', out);
    expect(outcomes(again.lines)).toEqual(outcomes(first.lines));
    expect(events(again.lines, 'winner')).toEqual(events(first.lines, 'winner'));
    expect(readFileSync(out, 'utf8')).toBe(file);
    expect(existsSync(`${out}.rungs`)).toBe(false);
  });

  test('that was left after any line ends as one that was not', async () => {
    const whole = join(folder, 'whole.jsonl');
    const first = await dimmer('search', ...flags, '--out', whole);
    const lines = readFileSync(whole, 'utf8').split('\n').filter(Boolean);
    for (const kept of [1, Math.floor(lines.length / 2), lines.length - 1]) {
      const out = join(folder, `left-${kept}.jsonl`);
      writeFileSync(out, `${lines.slice(0, kept).join('\n')}\n`);
      const { lines: found } = await dimmer('search', ...flags, '--out', out);
      expect(outcomes(found)).toEqual(outcomes(first.lines));
    }
  });
});
