import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exportRuns } from '../../../src/app/runs/exportRuns.ts';
import { makeRun } from './fakeSession.ts';

/** Texts that begin, after blanks or none, as formulas of spreadsheets do. */
const anyText = fc
  .tuple(
    fc.constantFrom('', ' ', '\t', '\r', '\n', '\r\n', '\u00a0', '\uFEFF', '\u0000', '\u200b', "'", '"', ';'),
    fc.constantFrom('', '=', '+', '-', '@', '＝', '＋', '－', '＠', '-0.5', '+1', "=cmd|' /C calc'!A0"),
    fc.string({ unit: 'binary', maxLength: 8 }),
  )
  .map((parts) => parts.join(''));

/** The records of a file by RFC 4180, whose lines end in a newline. */
function cellsOf(csv: string): readonly (readonly string[])[] {
  const records: string[][] = [['']];
  let isQuoted = false;
  for (let i = 0; i < csv.length; i++) {
    const cells = records.at(-1)!;
    const letter = csv[i];
    if (isQuoted && letter === '"' && csv[i + 1] === '"') cells[cells.length - 1] += csv[++i];
    else if (letter === '"') isQuoted = !isQuoted;
    else if (!isQuoted && letter === ',') cells.push('');
    else if (!isQuoted && letter === '\n') records.push(['']);
    else cells[cells.length - 1] += letter;
  }
  return records;
}

test('no text of a run can begin a formula in a spreadsheet, and every text comes back', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (name, datasetName, adapter) => {
      const run = makeRun('a', { name, datasetName, adapter });
      const [header, row] = cellsOf(exportRuns([run], 'csv'));
      expect(row).toHaveLength(header.length);
      for (const [column, text] of Object.entries({ name, dataset: datasetName, adapter })) {
        const cell = row[header.indexOf(column)];
        expect([text, `'${text}`]).toContain(cell);
        const seen = cell.replace(/^[\s\p{Cc}\p{Cf}]+/u, '');
        const isNumber = cell.trim() === cell && Number.isFinite(Number(cell));
        if (!isNumber) expect(seen).not.toMatch(/^[=+\-@＝＋－＠]/u);
        if (!isNumber) expect(cell).not.toMatch(/^[\t\r\n]/);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test('numbers stay numbers, below zero too, and also where they are a text', () => {
  const run = makeRun('a', { name: '-0.5', msPerStep: -0.25, seconds: -3e-7 });
  const [header, row] = cellsOf(exportRuns([run], 'csv'));
  const cell = (column: string): string => row[header.indexOf(column)];
  expect([cell('name'), cell('msPerStep'), cell('seconds')]).toEqual(['-0.5', '-0.25', '-3e-7']);
});

test('intervals and what is reported beside the metrics have cells, empty where there are none', () => {
  const bounds = { low: 0.6, high: 0.8 };
  const testReport = {
    examples: 100,
    baseRate: 0.25,
    normalizedEntropy: { value: 0.9, ...bounds },
    calibration: { value: NaN, low: NaN, high: NaN },
    accuracy: { value: 0.75, ...bounds },
    calibrationError: 0.01,
    reliability: [],
    perUser: { column: 'user_id', auc: 0.58, groups: 9, examples: 80 },
  };
  const runs = [makeRun('a', { testIntervals: { auc: bounds }, testReport }), makeRun('b')];
  const [header, ...rows] = cellsOf(exportRuns(runs, 'csv'));
  const named = (column: string) => rows.slice(0, 2).map((row) => row[header.indexOf(column)]);
  expect(named('test.auc.low')).toEqual(['0.6', '']);
  expect(named('test.accuracy')).toEqual(['0.75', '0.75']);
  expect(named('test.normalizedEntropy')).toEqual(['0.9', '']);
  expect(named('test.calibration')).toEqual(['', '']);
  expect(named('userColumn')).toEqual(['user_id', '']);
});
