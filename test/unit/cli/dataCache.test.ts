import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { clickLogLines } from '../../support/clickLog.ts';
import { runCommand } from '../../support/runCommand.ts';

const folder = mkdtempSync(join(tmpdir(), 'dimmer-cache-'));
const cache = join(folder, 'cache');
const log = join(folder, 'log.tsv');
afterAll(() => rmSync(folder, { recursive: true }));

const train = (...flags: string[]) =>
  runCommand(['train', '--data', log, '--epochs', '1', '--json', ...flags]);

/** Metrics of every split, to the bit. */
const losses = ({ lines }: Awaited<ReturnType<typeof train>>): unknown =>
  lines.filter((line) => (line as { event?: string }).event === 'evaluation');

test('a file is read once, and opened as it was kept the next time, to the same bits', async () => {
  writeFileSync(log, Buffer.concat([...clickLogLines(1500, 1)]));
  const fresh = await train('--no-cache');
  expect(losses(fresh)).not.toEqual([]);
  expect(fresh.stderr).not.toContain('kept');
  const first = await train('--cache', cache);
  expect(first.stderr).toContain('is kept in');
  const second = await train('--cache', cache);
  expect(second.stderr).toContain('opened as it was kept');
  expect(losses(second)).toEqual(losses(fresh));
  expect(losses(first)).toEqual(losses(fresh));
});

test('it is read again after it was changed, and where it is to be read in another way', async () => {
  expect((await train('--cache', cache, '--min-count', '3')).stderr).not.toContain('opened as');
  utimesSync(log, 1, 1);
  expect((await train('--cache', cache)).stderr).not.toContain('opened as');
});

test('what is damaged is read again', async () => {
  for (const name of readdirSync(cache)) writeFileSync(join(cache, name), 'torn');
  expect((await train('--cache', cache)).stderr).toContain('is kept in');
});

test('the data sets that are kept are listed, and removed', async () => {
  const listed = await runCommand(['data', '--cache', cache, '--json']);
  expect(listed.lines).toHaveLength(3);
  expect(listed.lines).toContainEqual(
    expect.objectContaining({ what: { name: 'log.tsv', examples: 1500, paths: log } }),
  );
  expect((await runCommand(['data', '--cache', cache, '--clear', '--json'])).stderr).toContain('3 data sets');
  expect(readdirSync(cache)).toEqual([]);
});

test('where nothing can be kept, that is said and the run goes on', async () => {
  const { code, stderr } = await train('--cache', log);
  expect(stderr).toContain('is not kept in');
  expect(code).toBe(0);
});
