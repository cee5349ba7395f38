import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { main } from '../../../src/cli/main.ts';
import { load } from '../../../src/data/load.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import { SpectrumMonitor } from '../../../src/training/spectrum/spectrumMonitor.ts';
import { trainRun } from '../../../src/training/train.ts';
import type { SpectrumSnapshot } from '../../../src/training/spectrum/fieldReport.ts';
import { splitTensors } from '../../support/tensorFiles.ts';
import { defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';

/** `dimmer …` in this process. */
async function dimmer(...args: string[]) {
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
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, stdout, stderr };
}

let folder = '';
const roles = ['--roles', 'category,category,label'];
const at = (name: string) => join(folder, name);

/** 3,000 ratings of 40 users and 61 items; `other`: one rating is different. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const [user, item] = [i % 40, (i * 7) % 61];
    return `${user + 1},film ${item + 1},${1 + ((user + item) % 5)}`;
  });
  const header = 'user,film,rating\n';
  writeFileSync(at('ratings.csv'), `${header}${lines.join('\n')}\n`);
  writeFileSync(at('other'), `${header}${lines.with(7, '8,film 50,1').join('\n')}\n`);
  const quick = ['--epochs', '2', '--batch', '200', '--vector-dim', '4'];
  const mixed = ['--method', 'mixed-dimension', '--budget', '500', '--blocks', '2', ...quick];
  await dimmer('train', '--data', at('ratings.csv'), ...roles, ...mixed, '--save', at('mixed.safetensors'));
  const hashed = ['--method', 'hashing', '--budget', '200', ...quick];
  await dimmer('train', '--data', at('ratings.csv'), ...roles, ...hashed, '--save', at('hashed.safetensors'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const spectrum = (run: string, ...flags: string[]) =>
  dimmer('spectrum', '--data', at('ratings.csv'), ...roles, '--run', at(run), ...flags);

test('tells singular values, ranks, decay and rows by the names of their values', async () => {
  const { code, stdout } = await spectrum('mixed.safetensors', '--json', '--rows', '5');
  expect(code).toBe(0);
  const [user, item, run] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>);
  for (const field of [user, item] as Record<string, unknown>[]) {
    expect(field).toMatchObject({ event: 'field', typicalError: 0 });
    const values = field.singularValues as number[];
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    expect(field.rank90).toBeLessThanOrEqual(field.rank99 as number);
    expect(field.dims).toHaveLength(2);
    expect(field.suggestedAlpha).toBeGreaterThan(0);
  }
  const { surprises } = item as unknown as { surprises: { value: string }[] };
  expect(surprises.length).toBeGreaterThan(0);
  for (const { value } of surprises) expect(value).toMatch(/^film \d+$/);
  expect(run).toMatchObject({ event: 'run', alpha: 0.3 });
});

test('tells what a watch shows of the weights that a run ends with, to the bit', async () => {
  const options: LoadOptions = {
    ...defaultLoadOptions,
    roles: ['category', 'category', 'label'],
    keepNames: true,
  };
  const file = new File([readFileSync(at('ratings.csv'))], 'ratings.csv');
  const dataset = await load(file, options, () => {});
  const settings = {
    method: 'mixed-dimension',
    budget: 500,
    blocks: 2,
    epochs: 2,
    batch: 200,
    vectorDim: 4,
  } as const;
  const shown: SpectrumSnapshot[] = [];
  const monitor = new SpectrumMonitor({ field: 1, exact: true }, (snapshot) => shown.push(snapshot));
  const backend = createCpuBackend();
  for await (const _ of trainRun({
    settings: { ...defaultSettings, ...settings },
    dataset,
    backend,
    monitor,
  }));
  const { stdout } = await spectrum('mixed.safetensors', '--json', '--rows', '12');
  const [, item] = stdout.split('\n');
  expect(shown.map(({ report }) => JSON.stringify({ event: 'field', ...report }))).toEqual([item]);
});

test('prints a table, and short tables are the same under a sketch', async () => {
  const [exact, sketched] = [
    await spectrum('mixed.safetensors'),
    await spectrum('mixed.safetensors', '--sketch', 'srht'),
  ];
  expect(exact.stdout).toContain('which suggests α =');
  expect(exact.stdout.split('\n')[0]).toMatch(/^field\s+rows\s+dims/);
  expect(sketched.stdout).toBe(exact.stdout);
});

test('leaves out fields whose vectors are more than rows', async () => {
  const { code, stdout, stderr } = await spectrum('hashed.safetensors', '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('is left out: its vectors are more than rows of a table');
  expect(stdout.trim().split('\n')).toHaveLength(1);
});

test('refuses other data, other files and missing ones', async () => {
  const run = at('mixed.safetensors');
  const other = await dimmer('spectrum', '--data', at('other'), ...roles, '--run', run);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('whose examples are others')]);
  const sample = await dimmer('spectrum', '--sample', 'ratings', '--run', run);
  expect([sample.code, sample.stderr]).toEqual([2, expect.stringContaining('whose fields are others')]);
  const [torn, missing, none] = [
    await spectrum('ratings.csv'),
    await spectrum('nothing'),
    await dimmer('spectrum'),
  ];
  expect(torn.stderr).toContain('no safetensors file');
  expect(missing.stderr).toContain('There is no file');
  expect(none.stderr).toContain('--run is missing');
});

test('refuses a run that is damaged anywhere, also where no table lies', async () => {
  const file = readFileSync(at('mixed.safetensors'));
  const { header } = splitTensors(file);
  const { __metadata__: _, ...tensors } = JSON.parse(header) as Record<string, { data_offsets: number[] }>;
  const dataStart = file.length - Math.max(...Object.values(tensors).map((entry) => entry.data_offsets[1]));
  expect(Object.keys(tensors).some((name) => !name.startsWith('embedding'))).toBe(true);
  for (const [name, { data_offsets: offsets }] of Object.entries(tensors)) {
    const damaged = Uint8Array.from(file);
    damaged[dataStart + offsets[1] - 1] ^= 1;
    writeFileSync(at('damaged'), damaged);
    const { code, stdout, stderr } = await spectrum('damaged');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`The file is damaged: tensor “${name}” is not as it was written.`);
  }
});

test('train refuses a file that cannot be written before it trains', async () => {
  const place = join(folder, 'nowhere', 'run.safetensors');
  const { code, stdout, stderr } = await dimmer(
    'train',
    '--data',
    at('ratings.csv'),
    ...roles,
    '--save',
    place,
  );
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('there is no folder');
});
