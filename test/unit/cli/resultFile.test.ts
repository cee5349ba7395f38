import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ComparisonReport } from '../../../src/cli/compareReport.ts';
import { type ComparisonLine, formatLine, parseLine } from '../../../src/cli/comparisonLine.ts';
import { markPath } from '../../../src/cli/processMarks.ts';
import { ResultFile } from '../../../src/cli/resultFile.ts';
import { UsageError } from '../../../src/cli/usage.ts';
import { loadSample } from '../../../src/data/load.ts';
import { dimmer } from '../../support/dimmer.ts';

let folder = '';
let path = '';
/** Of real runs, of methods whose lines have all that a line may have. */
let texts: readonly string[] = [];
let lines: readonly ComparisonLine[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dimmer-'));
  const ratings = join(folder, 'u.data');
  const rows = Array.from({ length: 600 }, (_, i) => `${i % 20}\t${(i * 7) % 31}\t${1 + (i % 5)}\t${i}`);
  writeFileSync(ratings, `${rows.join('\n')}\n`);
  path = join(folder, 'results.jsonl');
  const what = ['--methods', 'uniform,prune,full', '--budgets', '2k', '--post-training', 'int8'];
  await dimmer(['compare', '--data', ratings, ...what, '--epochs', '1', '--batch', '100', '--out', path]);
  texts = readFileSync(path, 'utf8').trimEnd().split('\n');
  lines = texts.map((text) => parseLine(text) as ComparisonLine);
});
beforeEach(() => writeFileSync(path, texts.map((text) => `${text}\n`).join('')));
afterAll(() => rmSync(folder, { recursive: true }));

const open = (): Promise<ResultFile> => ResultFile.open(path, '--out');

describe('a line', () => {
  test('is read back as it was written', () => {
    expect(lines).toHaveLength(3);
    expect(lines.map(formatLine)).toEqual(texts);
    expect(lines.map(({ method }) => method)).toEqual(['uniform', 'prune', 'full']);
  });

  test('is used without a checksum, as earlier versions wrote it, and without a setting that is new', () => {
    const { check: _, ...earlier } = JSON.parse(texts[0]);
    expect(parseLine(JSON.stringify(earlier))).toEqual(lines[0]);
    const { pathWidth: _width, ...settings } = earlier.settings;
    expect(parseLine(JSON.stringify({ ...earlier, settings }))).toEqual(lines[0]);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, 900), /cut off/],
    ['changed', (text: string) => text.replace('"rmse":', '"rmse":1'), /checksum/],
    ['with a field missing', (text: string) => text.replace(/"bytes":\{[^}]*\},/, ''), /bytes is missing/],
    ['with a wrong field', (text: string) => text.replace('"seconds":', '"seconds":-'), /seconds is -/],
    [
      'of a method that is none',
      (text: string) => text.replaceAll('"uniform"', '"constructor"').replace(/,"check":"[^"]*"/, ''),
      /settings.method is "constructor"/,
    ],
    ['of something else', () => '{"event":"failed","method":"uniform"}', /event is "failed"/],
    ['that is no object', () => 'null', /it is null/],
  ])('%s is told of by its number, not used, and stays in the file', async (_, change, problem) => {
    const text = `${change(texts[0])}\n${texts[1]}\n`;
    writeFileSync(path, text);
    const file = await open();
    expect(file.problems).toHaveLength(1);
    expect(file.problems[0]).toMatch(/^line 1 /);
    expect(file.problems[0]).toMatch(problem);
    expect([file.find(lines[0].key), file.find(lines[1].key)]).toEqual([undefined, lines[1]]);
    await file.append(lines[0]);
    expect(readFileSync(path, 'utf8')).toBe(`${text}${texts[0]}\n`);
  });
});

/** One change to a text of lines, of the kinds that disks, editors and people make. */
const byteChange = fc.record({
  kind: fc.constantFrom('flip', 'cut', 'insert', 'remove', 'repeat'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 200 }),
  byte: fc.integer({ min: 0, max: 255 }),
  bit: fc.integer({ min: 0, max: 7 }),
});

type ByteChange = typeof byteChange extends fc.Arbitrary<infer T> ? T : never;

function applyBytes(text: string, { kind, at, length, byte, bit }: ByteChange): string {
  const bytes = Buffer.from(text);
  const from = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
  if (kind === 'cut') return before.toString();
  if (kind === 'insert') return Buffer.concat([before, Buffer.from([byte]), after]).toString();
  if (kind === 'remove') return Buffer.concat([before, after.subarray(length)]).toString();
  if (kind === 'repeat') return Buffer.concat([before, after.subarray(0, length), after]).toString();
  const flipped = Buffer.from(bytes);
  flipped[from] ^= 1 << bit;
  return flipped.toString();
}

/** One change to the value of a line: of a number, a type, a name. */
const valueChange = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('set', 'remove', 'rename', 'nest'),
  value: fc.oneof(
    fc.double(),
    fc.constantFrom(null, true, '', '__proto__', 'constructor', -1, 1e300, [], {}, '1', 2 ** 53),
    fc.string(),
  ),
});

type ValueChange = typeof valueChange extends fc.Arbitrary<infer T> ? T : never;

function applyValue(line: Record<string, unknown>, { at, kind, value }: ValueChange): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (node: Record<string, unknown>): void => {
    for (const [key, child] of Object.entries(node)) {
      places.push([node, key]);
      if (typeof child === 'object' && child !== null) visit(child as Record<string, unknown>);
    }
  };
  visit(line);
  if (places.length === 0) return;
  const [node, key] = places[at % places.length];
  if (kind === 'set') node[key] = value;
  else if (kind === 'remove') delete node[key];
  else if (kind === 'nest') node[key] = { [key]: node[key] };
  else {
    const renamed = node[key];
    delete node[key];
    node[`${key}x`] = renamed;
  }
}

/** Of the words that a table is made of. */
async function table(accepted: readonly ComparisonLine[]): Promise<void> {
  const report = new ComparisonReport(await dataset, { total: accepted.length, swept: [], processes: 1 });
  for (const line of accepted) report.kept(line);
  report.table('text');
}

const dataset = loadSample('ratings');

describe('10,000 files that were changed', () => {
  const silence = (): void => {
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  };

  test('give the lines that were written, or words', () => {
    const originals = new Set(lines.map((line) => JSON.stringify(line)));
    const whole = texts.join('\n');
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(byteChange, { minLength: 1, maxLength: 3 }), (changes) => {
        for (const text of changes.reduce(applyBytes, whole).split('\n')) {
          const line = parseLine(text);
          if ('problem' in line) expect(line.problem.length).toBeLessThan(300);
          else if (originals.has(JSON.stringify(line))) accepted++;
          else throw new Error(`accepted: ${text}`);
        }
      }),
      { seed: 14, numRuns: 7000 },
    );
    // Most lines of a file are still whole.
    expect(accepted).toBeGreaterThan(7000);
  });

  test('give no false figure when values were changed', () => {
    fc.assert(
      fc.property(fc.nat(2), fc.array(valueChange, { minLength: 1, maxLength: 2 }), (which, changes) => {
        const value = JSON.parse(texts[which]) as Record<string, unknown>;
        for (const change of changes) applyValue(value, change);
        const { check } = value;
        const line = parseLine(JSON.stringify(value));
        if (!('problem' in line) && check !== undefined) expect(line).toEqual(lines[which]);
      }),
      { seed: 14, numRuns: 2000 },
    );
  });

  test('make a table, where an earlier version gave no checksum', async () => {
    silence();
    const property = fc.asyncProperty(
      fc.nat(2),
      fc.array(valueChange, { maxLength: 2 }),
      async (which, changes) => {
        const { check: _, ...value } = JSON.parse(texts[which]) as Record<string, unknown>;
        for (const change of changes) applyValue(value, change);
        const line = parseLine(JSON.stringify(value));
        if (!('problem' in line)) await table([line, lines[0]]);
      },
    );
    await fc.assert(property, { seed: 14, numRuns: 1000 });
    vi.restoreAllMocks();
  });
});

describe('the file', () => {
  test('is whole after a line that was cut off', async () => {
    appendFileSync(path, texts[0].slice(0, 50));
    writeFileSync(path, readFileSync(path, 'utf8').replace(`${texts[2]}\n`, ''));
    const file = await open();
    await file.append(lines[2]);
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      texts[0],
      texts[1],
      texts[0].slice(0, 50),
      texts[2],
      '',
    ]);
    expect(file.problems).toEqual([expect.stringMatching(/^line 3 is cut off/)]);
  });

  test('is shared: a run is claimed by one alone, and known to the other when it has ended', async () => {
    writeFileSync(path, '');
    const [one, other] = [await open(), await open()];
    const { key } = lines[0];
    expect(await one.claim(key)).toBe('own');
    expect(await other.claim(key)).toBe('elsewhere');
    expect(await other.claim(lines[1].key)).toBe('own');
    await one.append(lines[0]);
    expect(await other.claim(key)).toEqual(lines[0]);
    await other.close();
    expect(await one.claim(lines[1].key)).toBe('own');
    await one.close();
    expect(readdirSync(folder).filter((name) => /claim|lock/.test(name))).toEqual([]);
  });

  test('gives up what a killed process has claimed or locked', async () => {
    writeFileSync(path, '');
    const host = /-\d+-([\w.]+)$/.exec(markPath(path, 'lock'))![1];
    const { key } = lines[0];
    for (const word of ['lock', `claim-${key}`, `claim-${lines[1].key}`])
      writeFileSync(`${path}.${word}-999999999-1-${host}`, '');
    const file = await open();
    expect(await file.claim(key)).toBe('own');
    await file.close();
    expect(readdirSync(folder).filter((name) => /claim|lock/.test(name))).toEqual([]);
  });

  test.each([
    ['a folder', () => folder, /is not a file/],
    ['a device', () => '/dev/full', /is not a file/],
    ['in no folder', () => join(folder, 'nowhere', 'file'), /there is no folder/],
    ['without permission', () => '/sys/kernel/file', /no permission/],
  ])('is refused before anything is trained: %s', async (_, where, message) => {
    const error: unknown = await ResultFile.open(where(), '--out').catch((each: unknown) => each);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).message).toMatch(message);
    expect((error as UsageError).remedy).toContain('--out');
  });
});
