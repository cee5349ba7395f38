import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { fixturePath } from '../../fixtures/fixtures.ts';

const program = fileURLToPath(new URL('../../../src/cli/run.mjs', import.meta.url));
const criteo =
  '1460,583,10131227,2202608,305,24,12517,633,3,93145,5683,8351593,3194,27,14992,5461306,10,5652,2173,4,7046547,18,15,286181,105,142572';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dimmer` as people do, from a folder that is not the repository's. */
const dimmerAsPeopleDo = (...args: string[]): Promise<Outcome> => dimmerWith({}, ...args);

function dimmerWith(variables: Record<string, string>, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env, ...variables };
  return new Promise((resolve) => {
    execFile('node', [program, ...args], { cwd: tmpdir(), env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

/** `dimmer` in this process, which takes a tenth of the time. */
async function dimmer(...args: string[]): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, ...written };
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const asAllocate = (flags: string[]) => ['allocate', '--cardinalities', criteo, ...flags];
const allocate = (...flags: string[]) => dimmer(...asAllocate(flags));

describe('dimmer allocate', () => {
  it('prints the published totals, several at once', async () => {
    const wanted = [
      { alpha: '0.2', baseDim: '16', rounding: 'power-of-two', parameters: 34_432_757 },
      { alpha: '0.3', baseDim: '64', rounding: 'integer', parameters: 34_800_227 },
      { alpha: '0', baseDim: '64', rounding: 'power-of-two', parameters: 2_160_804_928 },
    ];
    const outcomes = await Promise.all(
      wanted.map(({ alpha, baseDim, rounding }) =>
        dimmerAsPeopleDo(
          ...asAllocate(['--alpha', alpha, '--base-dim', baseDim, '--rounding', rounding, '--rule', 'dlrm']),
        ),
      ),
    );
    for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
      expect(stderr).toBe('');
      expect(code).toBe(0);
      expect(stdout.match(/\n/g)).toHaveLength(1);
      expect(JSON.parse(stdout)).toMatchObject({ parameters: wanted[i].parameters, budget: null });
    }
  });

  it('prints exactly the keys promised, with --json or without', async () => {
    const flags = ['--alpha', '0.2', '--budget', '67.5M'];
    const plain = await allocate(...flags);
    const json = await allocate(...flags, '--json');
    expect(json.stdout).toBe(plain.stdout);
    const line = JSON.parse(plain.stdout);
    expect(Object.keys(line)).toEqual([
      'baseDim',
      'dims',
      'embeddingParameters',
      'projectionParameters',
      'parameters',
      'budget',
    ]);
    expect(line).toMatchObject({ baseDim: 30, budget: 67_500_000 });
    expect(line.dims).toHaveLength(26);
    expect(line.parameters).toBeLessThanOrEqual(67_500_000);
    expect(line.embeddingParameters + line.projectionParameters).toBe(line.parameters);
  });

  it('says on stderr when rule dlrm overshoots, and how to get a hard budget', async () => {
    const flags = ['--alpha', '0.3', '--budget', '67.5M', '--rounding', 'power-of-two', '--rule', 'dlrm'];
    const { code, stdout, stderr } = await allocate(...flags);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).parameters).toBeGreaterThan(67_500_000);
    expect(stderr).toContain('1.11 times the budget of 67500000');
  });

  it('cuts popularity blocks from a file of counts in any order', async () => {
    const counts = write('counts.txt', '1,4,1,2\r\n3,3\r\n');
    const flags = ['--blocks', '2', '--alpha', '0.5', '--base-dim', '4'];
    const { stdout, stderr } = await dimmer('allocate', '--counts', counts, ...flags);
    expect(stderr).toBe('');
    // Field 1: row 4 | rows 2, 1, 1; field 2: a row each. p = 1, 1/3, 1, 1.
    expect(JSON.parse(stdout)).toMatchObject({ dims: [4, 2, 4, 4], parameters: 4 + 3 * 2 + 2 * 4 + 4 + 4 });
  });

  it('names file, line and count of a broken file of counts', async () => {
    const broken = write('broken.txt', '1,2\n3,x\n');
    const { code, stdout, stderr } = await dimmer('allocate', '--counts', broken, '--base-dim', '4');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('broken.txt, line 2, count 2: “x”');
  });

  it('fails with the smallest budget when the budget is too small', async () => {
    const { code, stdout, stderr } = await dimmerAsPeopleDo(
      ...asAllocate(['--alpha', '0.2', '--budget', '1M']),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('Raise the budget to 33762577');
  });
});

describe('dimmer', () => {
  it('leaves with exit code 2 when it does not understand', async () => {
    const { code, stdout, stderr } = await dimmerAsPeopleDo(...asAllocate(['--alhpa', '0.2']));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('allocate has no flag --alhpa.\nDid you mean --alpha?\n');
  });

  it.each([
    ['allocate --cardinalities 10 --alpha 2 --base-dim 4', 'a number from 0 to 1'],
    ['allocate --cardinalities 10,0 --base-dim 4', '--cardinalities: “0” is no number of rows.'],
    ['allocate --base-dim 4', '--cardinalities is missing'],
    ['allocate --cardinalities 10', '--budget is missing'],
    ['allocate --cardinalities 10 --base-dim 4 --budget 40', 'both given'],
    ['alocate', 'Did you mean allocate?'],
    ['', 'Usage: dimmer'],
  ])('refuses “dimmer %s” with a remedy', async (line, remedy) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await main(line.split(' ').filter(Boolean))).toBe(2);
    expect(write.mock.calls.join('')).toContain(remedy);
    write.mockRestore();
  });

  it('explains its commands and their flags', async () => {
    const general = await dimmer('--help');
    const flag = await dimmer('allocate', '--help');
    const word = await dimmer('help', 'allocate');
    expect(general.stdout).toMatch(/allocate.*\n.*inspect.*\n.*train/);
    expect(flag).toEqual(word);
    expect(flag.code).toBe(0);
    expect(flag.stdout).toContain('--alpha N');
    expect(flag.stdout).toContain('120,7,7,1');
  });
});

const table = 'label,price,city,user\n1,2.5,Rome,a\n0,1.5,Oslo,b\n1,0.5,Rome,a\n0,3,Oslo,c\n0,x,Oslo,b\n';

describe('dimmer inspect', () => {
  it('prints one line of JSON, skipped lines by reason included', async () => {
    const file = write('clicks.csv', table + '1,2,Rome,a,too,many\n' + '0,1,Rome,a\n'.repeat(30));
    const { code, stdout, stderr } = await dimmer('inspect', '--data', file, '--json');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({ name: 'clicks.csv', format: 'table', task: 'click' });
    expect(line.columns.map(({ name }: { name: string }) => name)).toEqual([
      'label',
      'price',
      'city',
      'user',
    ]);
    expect(line.splits.train + line.splits.validation + line.splits.test).toBe(line.examples);
    const skipped = line.skipped.reduce((sum: number, { count }: { count: number }) => sum + count, 0);
    expect(skipped).toBeGreaterThan(0);
    expect(line.examples + skipped).toBe(line.linesRead);
  });

  it('says what is planted in a sample', async () => {
    const { stdout } = await dimmer('inspect', '--sample', 'clicks');
    expect(stdout).toMatch(/what is in this sample:\n {2}A value of C2/);
    const json = JSON.parse((await dimmer('inspect', '--sample', 'ratings', '--json')).stdout);
    expect(json.planted).toMatchObject([{ kind: 'ranks', fields: ['user', 'item'] }]);
  });

  it('says what to do about a file that is not there', async () => {
    const { code, stderr } = await dimmer('inspect', '--data', join(folder, 'nothing.tsv'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/There is no file .*nothing\.tsv\.\nCheck the path/);
  });

  it('knows Criteo’s format', async () => {
    const { stdout } = await dimmerAsPeopleDo('inspect', '--data', fixturePath('criteo.tsv'));
    expect(stdout).toContain('criteo.tsv: criteo, clicks\n660 lines');
    expect(stdout).toContain('26 fields');
    expect(stdout).toContain('13 numeric columns');
  });
});

describe('a heap of 64 MB', () => {
  const small = { NODE_OPTIONS: '--max-old-space-size=64' };

  it('is enough for a run', async () => {
    const { code, stderr } = await dimmerWith(small, 'train', '--data', 'sample:ratings', '--epochs', '1');
    expect([code, stderr.includes('heap limit')]).toEqual([0, false]);
  });

  it('and a machine without room for a run end in words', async () => {
    const wide = Array<number>(8).fill(8192).join('-');
    const machine = write(
      'machine.mjs',
      "import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.totalmem = () => 2e9; syncBuiltinESMExports();",
    );
    const variables = { NODE_OPTIONS: `${small.NODE_OPTIONS} --import ${machine}` };
    const flags = ['--top-mlp', wide, '--bottom-mlp', wide];
    const { code, stdout, stderr } = await dimmerWith(
      variables,
      'train',
      '--data',
      'sample:clicks',
      ...flags,
    );
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/This run would take about [\d.]+ GB of memory, and at most 1\.8 GB can/);
    expect(stderr).toMatch(/^Choose .* depend on it\)\.$/m);
    expect(stderr).not.toMatch(/heap limit|at .*\.ts/);
  });
});
