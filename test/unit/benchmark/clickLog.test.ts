import { expect, test } from 'vitest';
import { clickLogLines } from '../../support/clickLog.ts';

function textOf(lines: number, seed: number, pieceBytes?: number): string {
  const decoder = new TextDecoder();
  let text = '';
  for (const piece of clickLogLines(lines, seed, pieceBytes)) text += decoder.decode(piece);
  return text;
}

test('a log has the lines asked for, of 40 cells, whatever the size of its pieces', () => {
  const text = textOf(500, 1);
  const rows = text.trimEnd().split('\n');
  expect(rows).toHaveLength(500);
  for (const row of rows) expect(row).toMatch(/^[01](\t\d{0,5}){13}(\t([0-9a-f]{8})?){26}$/);
  expect(textOf(500, 1, 1000)).toBe(text);
  expect(textOf(500, 2)).not.toBe(text);
});

test('few values of a column make up most of it, and new ones keep coming', () => {
  const column = (lines: number): string[] =>
    textOf(lines, 1)
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t')[16]);
  const distinct = (cells: readonly string[]): number => new Set(cells).size;
  const cells = column(4000);
  expect(distinct(cells)).toBeGreaterThan(1.5 * distinct(cells.slice(0, 2000)));
  const frequent = cells.find((cell) => cells.filter((other) => other === cell).length > 40);
  expect(frequent).toBeDefined();
});
