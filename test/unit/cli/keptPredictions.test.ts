import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { keepPredictions } from '../../../src/cli/keptPredictions.ts';
import { main } from '../../../src/cli/main.ts';

const folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const one = Float32Array.of(0.5, -1, NaN);
const other = Float32Array.of(1, 2, 3);

describe.each([
  ['in memory', ''],
  ['beside the file of results', join(folder, 'kept.jsonl')],
])('predictions %s', (_, path) => {
  test('come back to the bit, and others are not there', async () => {
    const kept = keepPredictions(path);
    await kept.keep('a', one);
    expect(await kept.find('a')).toEqual(one);
    expect(await kept.find('b')).toBeUndefined();
  });

  test('of further runs are not kept when there is no more room', async () => {
    const kept = keepPredictions(path === '' ? '' : `${path}-small`, 20);
    await kept.keep('a', one);
    await kept.keep('b', other);
    expect([await kept.find('a'), await kept.find('b')]).toEqual([one, undefined]);
  });
});

test('a file of predictions that was cut off counts as none', async () => {
  const path = join(folder, 'cut.jsonl');
  const kept = keepPredictions(path);
  await kept.keep('a', one);
  writeFileSync(join(`${path}.predictions`, 'a.f32'), new Uint8Array(7));
  expect(await kept.find('a')).toBeUndefined();
});

test('where predictions find no place the run goes on without them', async () => {
  const path = join(folder, 'taken.jsonl');
  writeFileSync(`${path}.predictions`, '');
  const kept = keepPredictions(path);
  await expect(kept.keep('a', one)).resolves.toBeUndefined();
  expect(await kept.find('a')).toBeUndefined();
});

/** What `dimmer compare` says on stderr. */
async function compare(out: string): Promise<string> {
  let stderr = '';
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  const runs = ['--methods', 'uniform,hashing', '--budgets', '1/8', '--seeds', '2', '--epochs', '1'];
  const code = await main(['compare', '--sample', 'ratings', ...runs, '--out', out]);
  vi.restoreAllMocks();
  expect(code).toBe(0);
  return stderr;
}

test('a comparison says how methods differ over test examples, and where predictions are gone', async () => {
  const out = join(folder, 'runs.jsonl');
  const first = await compare(out);
  expect(first).toContain('the same over test examples');
  const cell = /[+−]0\.\d{4} \([+−]0\.\d{4} to [+−]0\.\d{4}, 2 pairs\)/;
  expect(first).toMatch(cell);
  expect(readdirSync(`${out}.predictions`)).toHaveLength(4);
  // Runs that the file holds are not trained again: what they predicted is read.
  expect(cell.exec(await compare(out))?.[0]).toBe(cell.exec(first)?.[0]);
  rmSync(`${out}.predictions`, { recursive: true });
  expect(await compare(out)).toContain('predictions not kept');
});
