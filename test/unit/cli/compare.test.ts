import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { runKey } from '../../../src/cli/resultFile.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';

interface Outcome {
  readonly code: number;
  readonly lines: readonly Line[];
  readonly stderr: string;
}

interface Line {
  readonly event: string;
  readonly method: string;
  readonly budget: number;
  readonly seed: number;
  readonly parameters: number;
  readonly test: { readonly rmse: number };
  readonly key: string;
  readonly msPerStep: number;
}

/** `dimmer compare …` in this process; `onLine` sees every line of stdout as it is written. */
async function compare(args: readonly string[], onLine: () => void = () => {}): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    onLine();
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const code = await main(['compare', ...args]);
  vi.restoreAllMocks();
  const lines = stdout.split('\n').filter(Boolean);
  return { code, lines: lines.map((line) => JSON.parse(line) as Line), stderr };
}

let folder = '';
let ratings = '';

/** 1,500 ratings in the format of u.data: 20 users, 31 items, every rating a function of both. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  ratings = join(folder, 'u.data');
  const lines = Array.from({ length: 1500 }, (_, i) => {
    const [user, item] = [i % 20, (i * 7) % 31];
    return `${user + 1}\t${item + 1}\t${1 + ((user + item) % 5)}\t${880000000 + i}`;
  });
  writeFileSync(ratings, `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const both = ['--methods', 'uniform,mixed-dimension', '--epochs', '2', '--batch', '200'];
const compareRatings = (...args: string[]) => compare(['--data', ratings, ...both, ...args]);

describe('compare', () => {
  test('trains every method at every budget with every seed, and ends with a table', async () => {
    const { code, lines, stderr } = await compareRatings('--budgets', '1/4,1/8', '--seeds', '2');
    expect(code).toBe(0);
    expect(lines).toHaveLength(8);
    expect(new Set(lines.map(({ method, budget, seed }) => `${method} ${budget} ${seed}`)).size).toBe(8);
    for (const { event, parameters, budget, test } of lines) {
      expect(event).toBe('result');
      expect(parameters).toBeLessThanOrEqual(budget);
      expect(test.rmse).toBeGreaterThan(0);
    }
    const table = stderr.slice(stderr.indexOf('method '));
    expect(table.split('\n').filter((row) => / ± /.test(row))).toHaveLength(4);
    expect(table).toContain('RMSE');
  });

  test('prints the numbers that train prints', async () => {
    const { lines } = await compareRatings('--budgets', '300', '--seed', '3');
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    let stdout = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      stdout += String(text);
      return true;
    });
    const flags = ['--method', 'mixed-dimension', '--budget', '300', '--seed', '3', ...both.slice(2)];
    await main(['train', '--data', ratings, ...flags]);
    const trained = JSON.parse(stdout.trim().split('\n').at(-1)!) as Line;
    const compared = lines.find(({ method }) => method === 'mixed-dimension')!;
    const { msPerStep: _, ...expected } = { ...trained, seconds: expect.any(Number) as number };
    expect(compared).toMatchObject(expected);
  });

  test('goes on where a method cannot reach a budget, and says what it can', async () => {
    const { code, lines, stderr } = await compareRatings('--budgets', '30,300');
    expect(code).toBe(0);
    expect(lines.map(({ event, budget }) => [event, budget])).toEqual([
      ['unreachable', 30],
      ['unreachable', 30],
      ['result', 300],
      ['result', 300],
    ]);
    expect(lines[0]).toMatchObject({ reachable: { min: 53 } });
    expect(stderr).toMatch(/uniform at 30 is left out.*53/);
  });

  test('does not repeat what its file holds, even after the last line was cut off', async () => {
    const out = join(folder, 'results.jsonl');
    const flags = ['--out', out, '--budgets', '300'];
    const first = await compareRatings(...flags);
    const written = readFileSync(out, 'utf8');
    expect(written.trimEnd().split('\n')).toHaveLength(2);
    appendFileSync(out, '{"event":"result","key":"broken');

    const second = await compareRatings(...flags, '--seeds', '2');
    expect(second.lines).toHaveLength(4);
    // The same line, times included: it was kept and not trained again.
    expect(second.lines.slice(0, 2)).toEqual(first.lines);
    expect(second.stderr.match(/\(kept\)/g)).toHaveLength(2);

    const third = await compareRatings(...flags, '--seeds', '2');
    expect(third.stderr.match(/\(kept\)/g)).toHaveLength(4);
    const changed = await compareRatings(...flags, '--alpha', '0.4');
    // Uniform reads no α: it is the same run.
    expect(changed.stderr.match(/\(kept\)/g)).toHaveLength(1);
    expect(changed.stderr).toMatch(/uniform at 300.*\(kept\)/);
  });

  test('interrupted with Ctrl+C keeps what is done and prints its table', async () => {
    const out = join(folder, 'interrupted.jsonl');
    const flags = ['--out', out, '--budgets', '300,600', '--seeds', '3', '--epochs', '40'];
    let lines = 0;
    const interrupt = (): void => {
      if (++lines === 2) process.emit('SIGINT');
    };
    const quick = both.slice(0, 2);
    const { code, stderr } = await compare(
      ['--data', ratings, ...quick, '--batch', '200', ...flags],
      interrupt,
    );
    expect(code).toBe(130);
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toContain('10 of 12 runs are missing.');
    expect(stderr).toContain('Uniform');
  });

  test('prints the table as Markdown when asked', async () => {
    const { stderr } = await compareRatings('--budgets', '300', '--markdown');
    expect(stderr).toMatch(/\n\| method +\| +budget \|.*\n\| -+ \| -+: \|/);
  });

  test('goes on after a run that cannot be started, and fails in the end', async () => {
    const { code, lines } = await compareRatings('--budgets', '300', '--train-memory', '0.001MB');
    expect(code).toBe(1);
    expect(lines.map(({ event }) => event)).toEqual(['failed', 'failed']);
  });

  test.each([
    ['no methods', ['--budgets', '1k'], /--methods is missing/],
    ['no budgets', ['--methods', 'uniform'], /--budgets is missing/],
    ['a method that does not exist', ['--methods', 'unifrom', '--budgets', '1k'], /Give some of full/],
    ['a budget that is none', ['--methods', 'all', '--budgets', '5/4'], /1\/4,1\/16/],
    ['one method beside several', ['--methods', 'all', '--method', 'uniform'], /no flag --method/],
  ])('refuses %s with a reason', async (_, flags, message) => {
    const { code, stderr } = await compare(['--data', ratings, ...flags]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('the key of a run', () => {
  test('follows settings, data and backend', () => {
    const key = runKey(defaultSettings, 'data', 'cpu');
    expect(runKey({ ...defaultSettings }, 'data', 'cpu')).toBe(key);
    const others = [
      runKey({ ...defaultSettings, seed: 2 }, 'data', 'cpu'),
      runKey(defaultSettings, 'other data', 'cpu'),
      runKey(defaultSettings, 'data', 'webgpu'),
    ];
    expect(new Set([key, ...others]).size).toBe(4);
  });

  test('is the same whether a default was written out or not, and when a new setting appears', () => {
    const key = runKey(defaultSettings, 'data', 'cpu');
    expect(runKey({ ...defaultSettings, alpha: 0.3, backend: 'cpu' }, 'data', 'cpu')).toBe(key);
    const { alpha: _, ...older } = defaultSettings;
    expect(runKey(older as typeof defaultSettings, 'data', 'cpu')).toBe(key);
  });
});
