import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';

interface Outcome {
  readonly code: number;
  readonly stdout: readonly string[];
  readonly stderr: string;
}

/** `dimmer train …` in this process. */
async function train(...args: string[]): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const code = await main(['train', ...args]);
  vi.restoreAllMocks();
  return { code, stdout: stdout.trim().split('\n'), stderr };
}

let folder = '';
let ratings = '';

/** 3,000 ratings in the format of u.data: 40 users, 60 items, every rating a function of both. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  ratings = join(folder, 'u.data');
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const [user, item] = [i % 40, (i * 7) % 61];
    return `${user + 1}\t${item + 1}\t${1 + ((user + item) % 5)}\t${880000000 + i}`;
  });
  writeFileSync(ratings, `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const quick = ['--epochs', '3', '--batch', '200'];

describe('train', () => {
  test.each(['truncate', 'quantise', 'hash'])('compresses what it has trained by %s', async (way) => {
    const full = ['--data', ratings, '--method', 'full', '--vector-dim', '8', ...quick];
    const after = ['--compress-by', way, '--compress-to', '900,650', '--fine-tune-steps', '4'];
    const { code, stdout } = await train(...full, ...after);
    expect(code).toBe(0);
    const lines = stdout.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(lines.map(({ event, budget, steps }) => [event, budget, steps])).toEqual([
      ['compressed', 900, 0],
      ['compressed', 900, 4],
      ['compressed', 650, 0],
      ['compressed', 650, 4],
      ['result', 1648, 36],
    ]);
    for (const { by, parameters, budget, test: metrics } of lines.slice(0, 4)) {
      expect(by).toBe(way);
      expect(parameters).toBeLessThanOrEqual(budget);
      expect(metrics.rmse).toBeGreaterThan(0);
    }
  });

  test('prints a line per evaluation and the result last, all JSON with --json', async () => {
    const { code, stdout } = await train(
      '--data',
      ratings,
      '--method',
      'uniform',
      '--budget',
      '900',
      '--json',
      ...quick,
    );
    expect(code).toBe(0);
    const lines = stdout.map((line) => JSON.parse(line));
    expect(lines.map(({ event, split }) => split ?? event)).toEqual(
      'validation validation validation train test slices slices result'.split(' '),
    );
    const result = lines.at(-1);
    expect(result).toMatchObject({
      method: 'uniform',
      alpha: 0,
      budget: 900,
      seed: 1,
      steps: 36,
      backend: 'cpu',
    });
    expect(result.parameters).toBeLessThanOrEqual(900);
    expect(result.bytes.parameter).toBe(4 * (result.parameters + result.otherParameters));
    expect(result.bytes.shared).toBeGreaterThan(0);
    expect(result.peakBytes).toBeLessThan(result.askedBytes);
    for (const split of ['train', 'validation', 'test']) {
      expect(result[split].rmse).toBeCloseTo(Math.sqrt(result[split].mse), 6);
    }
    expect(result.msPerStep).toBeGreaterThan(0);
    expect(result.seconds).toBeGreaterThan(0);
  });

  test('keeps within --train-memory, and says the least there is', async () => {
    const free = JSON.parse((await train('--data', ratings, ...quick)).stdout.at(-1)!);
    expect(free.trainingBytes).toBe(
      Object.values(free.bytes as Record<string, number>).reduce((sum, bytes) => sum + bytes),
    );
    const limit = Math.floor(0.95 * free.trainingBytes);
    const { code, stdout } = await train('--data', ratings, ...quick, '--train-memory', `${limit / 1000} kB`);
    expect(code).toBe(0);
    const { settings, trainingBytes, bytes } = JSON.parse(stdout.at(-1)!);
    expect(trainingBytes).toBeLessThanOrEqual(limit);
    expect(bytes.checkpoint).toBeGreaterThan(0);
    expect(settings.trainMemory).toBeCloseTo(limit / 1e6, 9);
    const refused = await train('--data', ratings, ...quick, '--train-memory', '2 kB');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/does not fit into 0.002 MB .* the least it takes is 0\.\d+ MB/);
  });

  test('repeats bit for bit with a seed', async () => {
    const metrics = async (seed: string) => {
      const { stdout } = await train('--data', ratings, '--seed', seed, ...quick);
      return JSON.parse(stdout.at(-1)!).test;
    };
    const first = await metrics('5');
    expect(await metrics('5')).toEqual(first);
    expect(await metrics('6')).not.toEqual(first);
  });

  test('takes every setting, --lr for the learning rate, and 4.5k for a budget', async () => {
    const flags = [
      '--alpha',
      '0.2',
      '--blocks',
      '4',
      '--lr',
      '0.02',
      '--optimizer',
      'adagrad',
      '--budget',
      '4.5k',
    ];
    const { stdout } = await train('--data', ratings, ...flags, ...quick);
    expect(JSON.parse(stdout.at(-1)!).settings).toMatchObject({
      method: 'mixed-dimension',
      alpha: 0.2,
      blocks: 4,
      learningRate: 0.02,
      optimizer: 'adagrad',
      budget: 4500,
    });
  });

  test.each(['uniform', 'mixed-dimension'])('with --dim holds the base dim of %s fixed', async (method) => {
    const { stdout } = await train('--data', ratings, '--method', method, '--dim', '7', ...quick);
    const { baseDim, budget, parameters } = JSON.parse(stdout.at(-1)!);
    expect(baseDim).toBe(7);
    expect(budget).toBe(parameters);
  });

  test('takes budgets as shares of the full model, of a resize too', async () => {
    const { stdout } = await train('--data', ratings, '--budget', '1/4', '--resize-at', '2:1/8', ...quick);
    const { parameters, budget } = JSON.parse(stdout.at(-1)!);
    const { stdout: full } = await train('--data', ratings, '--budget', '1/1', ...quick);
    const whole = JSON.parse(full.at(-1)!).budget;
    expect(parameters).toBeLessThanOrEqual(whole / 8);
    expect(budget).toBe(Math.floor(whole / 8));
  });

  test('trains on a built-in sample', async () => {
    const { stdout } = await train(
      '--data',
      'sample:ratings',
      '--dim',
      '2',
      '--epochs',
      '1',
      '--batch',
      '4096',
    );
    expect(JSON.parse(stdout.at(-1)!)).toMatchObject({
      data: 'ratings',
      task: 'rating',
      reason: 'completed',
    });
  });

  test('says that a run diverged, keeps the line and fails', async () => {
    const wild = ['--optimizer', 'sgd', '--lr', '1e6'];
    const { code, stdout, stderr } = await train('--data', ratings, ...wild, ...quick);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The loss .* at step \d+\.$/m);
    expect(JSON.parse(stdout.at(-1)!).reason).toBe('diverged');
  });

  test.each([
    ['both sizes', ['--dim', '4', '--budget', '900'], 2, /--dim and --budget are both given/],
    [
      'dims that are not integers',
      ['--rounding', 'none', '--alpha', '0.3', '--budget', '901'],
      1,
      /not whole numbers/,
    ],
    ['a budget below one float a row', ['--budget', '50'], 1, /too small/],
    ['an optimiser that does not exist', ['--optimizer', 'lion'], 2, /sgd, adagrad, adam, amsgrad/],
  ])('refuses %s with a reason', async (_, flags, exitCode, message) => {
    const { code, stderr } = await train('--data', ratings, ...flags);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(message);
  });
});
