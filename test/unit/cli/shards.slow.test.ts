import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleDimmer } from '../../support/bundleDimmer.ts';
import { startDimmer } from '../../support/processes.ts';
import { outcomes } from '../../support/resultLines.ts';

let root = '';
let program = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'dimmer-'));
  program = await bundleDimmer(join(root, 'program'));
});
afterAll(() => rmSync(root, { recursive: true }));

const sweep =
  'compare --sample ratings --methods uniform,mixed-dimension --budgets 1/8,1/4 --sweep alpha=0,0.3 --epochs 2 --seeds 2'.split(
    ' ',
  );

test('shards that are killed and started again merge to what one process gives, to the bit', async () => {
  const whole = outcomes((await startDimmer(program, sweep).ended).stdout);
  expect(whole).toHaveLength(12);
  const parts = [1, 2, 3].map((index) => ({
    shard: `${index}/3`,
    out: join(root, `part-${index}.jsonl`),
  }));
  const start = ({ shard, out }: (typeof parts)[number]) =>
    startDimmer(program, [...sweep, '--shard', shard, '--out', out]);
  // As a scheduler does that takes its machines back: all at once, each after its first run.
  await Promise.all(
    parts.map(async (part) => {
      const { child, said, ended } = start(part);
      await said('1 of 4');
      child.kill('SIGKILL');
      await ended;
    }),
  );
  const before = parts.map(({ out }) => readFileSync(out, 'utf8'));
  expect(before.every((text) => text.length > 0)).toBe(true);
  for (const { code } of await Promise.all(parts.map((part) => start(part).ended))) expect(code).toBe(0);
  for (const [i, { out }] of parts.entries())
    expect(readFileSync(out, 'utf8').startsWith(before[i].slice(0, before[i].lastIndexOf('\n') + 1))).toBe(
      true,
    );
  const all = join(root, 'all.jsonl');
  const merged = await startDimmer(program, ['merge', ...parts.map(({ out }) => out), '--out', all]).ended;
  expect([merged.code, merged.stdout]).toEqual([0, '']);
  expect(outcomes(readFileSync(all, 'utf8'))).toEqual(whole);
  const files = readdirSync(root).filter((name) => name.includes('.jsonl'));
  const results = files.filter((name) => !name.endsWith('.predictions'));
  expect(results.toSorted()).toEqual(['all.jsonl', 'part-1.jsonl', 'part-2.jsonl', 'part-3.jsonl']);
}, 180_000);
