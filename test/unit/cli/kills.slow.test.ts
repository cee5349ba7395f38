import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleDimmer } from '../../support/bundleDimmer.ts';
import { comparisonVictim, trainingVictim } from '../../support/kills.ts';
import { startDimmer } from '../../support/processes.ts';

let root = '';
let program = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'dimmer-'));
  program = await bundleDimmer(join(root, 'program'));
});
afterAll(() => rmSync(root, { recursive: true }));

const at = (name: string): string => join(root, name);

// More of them: npm run bench:kills.
test.each([
  ['train', trainingVictim, [0.5, 0.8]],
  ['compare', comparisonVictim, [0.5, 0.8]],
  [
    'compare --jobs',
    (bundle: string, folder: string) => comparisonVictim(bundle, folder, 2),
    [0.2, 0.5, 0.8],
  ],
] as const)(
  '%s goes on after kill -9: nothing that had ended is lost, and the end is the same',
  async (_, victim, moments) => {
    const { wholeMs, killAfter } = await victim(program, root);
    for (const moment of moments) expect((await killAfter(moment * wholeMs)).faults).toEqual([]);
  },
  180_000,
);

test('two comparisons share the runs of one file, and both print all', async () => {
  const out = at('shared.jsonl');
  const run = ['compare', '--sample', 'ratings', '--methods', 'uniform,hashing', '--budgets', '1/8,1/4'];
  const both = [1, 2].map(() =>
    startDimmer(program, [...run, '--epochs', '1', '--seeds', '2', '--out', out]),
  );
  const ended = await Promise.all(both.map((each) => each.ended));
  const keys = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { key: string }).key);
  const kept = keys(readFileSync(out, 'utf8'));
  expect(new Set(kept).size).toBe(8);
  expect(kept).toHaveLength(8);
  for (const { code, stdout } of ended) {
    expect(code).toBe(0);
    expect(keys(stdout).toSorted()).toEqual(kept.toSorted());
  }
  expect(readdirSync(root).filter((name) => name.startsWith('shared'))).toEqual([
    'shared.jsonl',
    'shared.jsonl.predictions',
  ]);
});

describe('a file that may not grow', () => {
  const earlier = 'x'.repeat(700);
  const train = 'train --sample ratings --method uniform --budget 9k --epochs 1'.split(' ');

  test('of --save stays as it was, the result is printed, and stderr says why', async () => {
    writeFileSync(at('run'), earlier);
    const flags = ['--save', at('run'), '--checkpoint-every', '0.01'];
    const { ended } = startDimmer(program, [...train, ...flags], 'ulimit -f 2');
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({ event: 'result' });
    expect(stderr).toContain(`${at('run')} was not written: it would be larger than a file may be here`);
    expect(readFileSync(at('run'), 'utf8')).toBe(earlier);
    expect(readdirSync(root).filter((name) => name.startsWith('run'))).toEqual(['run']);
  });

  test('of --out keeps its lines, and the table is printed', async () => {
    writeFileSync(at('out'), `${earlier}\n`);
    const flags = ['--methods', 'uniform', '--budgets', '1/8', '--epochs', '1', '--out', at('out')];
    const { code, stdout, stderr } = await startDimmer(
      program,
      ['compare', '--sample', 'ratings', ...flags],
      'ulimit -f 2',
    ).ended;
    expect(code).toBe(1);
    expect(stdout).toContain('"event":"result"');
    expect(stderr).toMatch(/method +budget/);
    expect(stderr).toContain(`${at('out')} was not written: it would be larger`);
    expect(readFileSync(at('out'), 'utf8')).toBe(`${earlier}\n`);
  });
});

describe('signals', () => {
  const long = ['--sample', 'ratings', '--epochs', '1000', '--patience', '0', '--evaluate-every', '50'];

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops train, which keeps its weights and a checkpoint of its last step',
    async (signal) => {
      const save = at(`by-${signal}`);
      const seldom = ['--checkpoint-every', '1000'];
      const { child, said, ended } = startDimmer(program, ['train', ...long, '--save', save, ...seldom]);
      await said('validation');
      child.kill(signal);
      const { code, stdout, stderr } = await ended;
      expect(code).toBe(0);
      const result = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { reason: string; steps: number };
      expect(result.reason).toBe('stopped');
      expect(stderr).toContain(`To go on from step ${result.steps}: dimmer train --resume ${save}`);
      expect(readFileSync(save).length).toBeGreaterThan(0);
    },
  );

  test('the reader of stdout that is gone stops train too, and what is learnt is saved', async () => {
    const save = at('by-pipe');
    const { child, said, ended } = startDimmer(program, ['train', ...long, '--save', save]);
    await said('validation');
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([0, expect.stringContaining('Saved')]);
    expect(readFileSync(save).length).toBeGreaterThan(0);
  });

  test('SIGTERM ends compare with the table of what is done', async () => {
    const flags = ['--methods', 'uniform', '--budgets', '1/8', '--seeds', '500', '--epochs', '1'];
    const { child, said, ended } = startDimmer(program, ['compare', '--sample', 'ratings', ...flags]);
    await said('1 of 500');
    child.kill('SIGTERM');
    const { code, stderr } = await ended;
    expect([code, stderr]).toEqual([143, expect.stringMatching(/method +budget[^]*runs are missing/)]);
  });
});
