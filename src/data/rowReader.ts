import { isBeyondFloat32, parseFeature, parseLabel, parseNumber, parseTime } from './cells.ts';
import { quote } from './containers/errors.ts';
import { columnLabel, type Layout } from './formats/layout.ts';
import { isBlank, maxColumns, usesDecimalComma } from './records.ts';
import { blankLine, type Problem } from './skipped.ts';

/** The squared error of larger labels, summed over a batch, leaves float32. */
const largestLabel = 1e15;

const numberForFloat32 = 'a number within ±3.4e38, the range of 32-bit floats';

/** Checks one record and turns its label, time and numbers into numbers. Holds the last one read. */
export class RowReader {
  readonly categoryNames: readonly string[];
  readonly numericNames: readonly string[];
  label = 0;
  /** 0 unless times are read. */
  time = 0;
  readonly numbers: Float32Array; // [numericNames]

  readonly #layout: Layout;
  readonly #values: string[] = [];
  readonly #decimalComma: boolean;
  readonly #labelColumn: number;
  readonly #timeColumn: number;
  readonly #numberColumns: readonly number[];
  readonly #categories: readonly { readonly column: number; readonly of?: (cell: string) => string }[];

  constructor(layout: Layout, readTimes: boolean) {
    const { columns } = layout;
    const withRole = (role: string) => columns.flatMap((column, i) => (column.role === role ? [i] : []));
    this.#layout = layout;
    this.#decimalComma = usesDecimalComma(layout.dialect);
    this.#labelColumn = withRole('label')[0];
    this.#timeColumn = readTimes ? withRole('time')[0] : -1;
    this.#numberColumns = withRole('number');
    const derived = columns.flatMap(({ derived }, column) => (derived ? [{ column, derived }] : []));
    this.#categories = [
      ...withRole('category').map((column) => ({ column })),
      ...derived.map(({ column, derived }) => ({ column, of: derived.category })),
    ];
    this.categoryNames = [
      ...withRole('category').map((i) => columns[i].name),
      ...derived.map(({ derived }) => derived.name),
    ];
    this.numericNames = this.#numberColumns.map((i) => columns[i].name);
    this.numbers = new Float32Array(this.#numberColumns.length);
  }

  /** null when the record is good. */
  read(cells: readonly string[]): Problem | null {
    const { columns, labels } = this.#layout;
    if (cells.length !== columns.length) return isBlank(cells) ? blankLine : this.#wrongWidth(cells.length);
    const labelCell = cells[this.#labelColumn];
    this.label =
      labels === 'any'
        ? parseLabel(labelCell, this.#decimalComma)
        : parseNumber(labelCell, this.#decimalComma);
    const badLabel = labels === 'click' ? this.label !== 0 && this.label !== 1 : Number.isNaN(this.label);
    if (badLabel && !isBeyondFloat32(labelCell, this.#decimalComma)) return this.#badLabel(labelCell);
    if (badLabel || Math.abs(this.label) > largestLabel) return this.#hugeLabel(labelCell);
    if (this.#timeColumn >= 0) {
      this.time = parseTime(cells[this.#timeColumn]);
      if (Number.isNaN(this.time)) return this.#badCell(this.#timeColumn, cells, 'a time or date');
    }
    const columnsOfNumbers = this.#numberColumns;
    for (let i = 0; i < columnsOfNumbers.length; i++) {
      const value = parseFeature(cells[columnsOfNumbers[i]], this.#decimalComma);
      if (Number.isNaN(value)) {
        const isHuge = isBeyondFloat32(cells[columnsOfNumbers[i]], this.#decimalComma);
        return this.#badCell(columnsOfNumbers[i], cells, isHuge ? numberForFloat32 : 'a number');
      }
      this.numbers[i] = value;
    }
    return null;
  }

  /** Values of categoryNames; an empty cell is a value like any other. Overwritten by the next call. */
  readCategories(cells: readonly string[]): readonly string[] {
    for (let i = 0; i < this.#categories.length; i++) {
      const { column, of } = this.#categories[i];
      this.#values[i] = of ? of(cells[column]) : cells[column];
    }
    return this.#values;
  }

  #wrongWidth(width: number): Problem {
    const { columns, dialect } = this.#layout;
    const delimiter = dialect.delimiter === '\t' ? 'TAB' : `“${dialect.delimiter}”`;
    return {
      reason: `wrong number of columns (not ${columns.length})`,
      detail: `the line has ${width > maxColumns ? `more than ${maxColumns}` : width} columns, not ${columns.length}`,
      column: null,
      remedy: `Every line needs ${columns.length} columns separated by ${delimiter}: look for missing or extra separators, and for line breaks inside cells.`,
    };
  }

  #badLabel(cell: string): Problem {
    const { columns, labels } = this.#layout;
    const column = columnLabel(columns, this.#labelColumn);
    const wanted = labels === 'click' ? '0 or 1' : labels === 'rating' ? 'a rating' : 'a number';
    return {
      reason: `label in column ${column} is not ${wanted}`,
      detail: `the label is ${quote(cell)}, not ${wanted}`,
      column,
      remedy:
        labels === 'any'
          ? 'Choose another column as label, or give every line a label: 0 or 1 for clicks, a number for ratings.'
          : `Give every line a label that is ${wanted}, or load the file as a table with another label.`,
    };
  }

  #hugeLabel(cell: string): Problem {
    const column = columnLabel(this.#layout.columns, this.#labelColumn);
    return {
      reason: `label in column ${column} is beyond ±1e15`,
      detail: `the label ${quote(cell)} is beyond ±1e15, too large to learn in 32-bit floats`,
      column,
      remedy: 'Correct the labels, or write them in a larger unit.',
    };
  }

  #badCell(index: number, cells: readonly string[], wanted: string): Problem {
    const column = columnLabel(this.#layout.columns, index);
    return {
      reason: `column ${column} is not ${wanted}`,
      detail: `${quote(cells[index])} is not ${wanted}`,
      column,
      remedy:
        this.#layout.format === 'table'
          ? 'Give this column the role “category” or “ignore”, or correct the cell.'
          : 'Correct the cell, or load the file as a table with a header line and choose the columns’ roles.',
    };
  }
}

export const malformedQuotes: Problem = {
  reason: 'malformed quotes',
  detail: 'a double quote is not closed, or text follows a closing one',
  column: null,
  remedy: 'Write a double quote inside a quoted cell twice (""), and close every one that opens a cell.',
};
