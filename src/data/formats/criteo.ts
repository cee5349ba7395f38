import { type Column, knownLines, type Layout, mostLines, type Newline, plainDialect } from './layout.ts';

const integers = 13;
const tokens = 26;

const columns: readonly Column[] = [
  { name: 'label', role: 'label' },
  ...Array.from({ length: integers }, (_, i) => ({ name: `I${i + 1}`, role: 'number' }) as const),
  ...Array.from({ length: tokens }, (_, i) => ({ name: `C${i + 1}`, role: 'category' }) as const),
];

/**
 * Criteo Kaggle display advertising, and the Terabyte days: no header, TAB, label, 13 integers,
 * 26 hex tokens; integers and tokens may be empty.
 */
export function criteoLayout(newline: Newline): Layout {
  return { format: 'criteo', dialect: plainDialect('\t', newline), ...knownLines, columns, labels: 'click' };
}

export function isCriteo(lines: readonly string[]): boolean {
  return mostLines(lines, (line) => {
    const cells = line.split('\t');
    return cells.length === columns.length && /^[01]$/.test(cells[0]) && areCriteoFeatures(cells.slice(1));
  });
}

/** The test file of the competition: the same columns without the label. */
export function isCriteoWithoutLabel(lines: readonly string[]): boolean {
  return mostLines(lines, (line) => areCriteoFeatures(line.split('\t')));
}

function areCriteoFeatures(cells: readonly string[]): boolean {
  return (
    cells.length === integers + tokens &&
    cells.slice(0, integers).every((cell) => /^([-+]?\d+(\.\d*)?(e[-+]?\d+)?)?$/i.test(cell)) &&
    cells.slice(integers).every((cell) => /^[0-9a-f]*$/i.test(cell))
  );
}
