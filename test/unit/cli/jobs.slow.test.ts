import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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
  'compare --sample ratings --methods uniform,mixed-dimension --budgets 1/8,1/4 --sweep alpha=0,0.3 --epochs 1'.split(
    ' ',
  );

let whole: readonly string[] = [];
beforeAll(async () => {
  whole = outcomes((await startDimmer(program, sweep).ended).stdout);
});

test('jobs give the bits of one process, every run once', async () => {
  const folder = join(root, 'jobs');
  mkdirSync(folder);
  const out = join(folder, 'runs.jsonl');
  const { code, stdout } = await startDimmer(program, [...sweep, '--jobs', '3', '--out', out]).ended;
  expect(code).toBe(0);
  expect(whole).toHaveLength(6);
  expect(outcomes(stdout)).toEqual(whole);
  expect(outcomes(readFileSync(out, 'utf8'))).toEqual(whole);
  expect(readdirSync(folder)).toEqual(['runs.jsonl', 'runs.jsonl.predictions']);
});

test('jobs that keep no file leave none', async () => {
  const folder = join(root, 'temporary');
  mkdirSync(folder);
  const inFolder = `export TMPDIR=${folder}`;
  const { code, stdout } = await startDimmer(program, [...sweep, '--jobs', '2'], inFolder).ended;
  expect([code, outcomes(stdout)]).toEqual([0, whole]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a helper that is killed loses nothing, and the others do its work', async () => {
  const long = [...sweep, '--seeds', '4'];
  const alone = await startDimmer(program, long).ended;
  const { child, said, ended } = startDimmer(program, [...long, '--jobs', '2']);
  await said('1 of 24');
  const [helper] = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  process.kill(Number(helper), 'SIGKILL');
  const { code, stdout, stderr } = await ended;
  expect([code, outcomes(stdout)]).toEqual([0, outcomes(alone.stdout)]);
  expect(stderr).toContain('A process that helped has ended: SIGKILL');
});

test('helpers end with a process that is killed', async () => {
  const { child, said, ended } = startDimmer(program, [...sweep, '--seeds', '500', '--jobs', '2']);
  await said('1 of 3000');
  const [helper] = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' })
    .trim()
    .split('\n');
  child.kill('SIGKILL');
  await ended;
  await expect.poll(() => isAlive(Number(helper)), { timeout: 20_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
