import { readCategory } from './categoryReading.ts';
import { isMissing } from './missing.ts';
import { type DecimalMark, isBeyondFloat32, largestFloat32, parseAnyNumber } from './numberText.ts';
import type { NumericColumn } from './dataset.ts';
import { quote } from './containers/errors.ts';
import { readLabel } from './labelReading.ts';
import { columnLabel, fieldsOf, type Layout } from './formats/layout.ts';
import { isItemFirst } from './userAndItem.ts';
import { isBlank, maxColumns } from './records.ts';
import { blankLine, type Problem, wrongWidth } from './skipped.ts';
import { type DateOrder, parseTime } from './timeText.ts';
import { applyTransform, type Transform } from './transform.ts';

/** The squared error of larger labels, summed over a batch, leaves float32. */
export const largestLabel = 1e15;

const numberForFloat32 = 'a number within ±3.4e38, the range of 32-bit floats';

/** Checks one record and turns its label, time and numbers into numbers. Holds the last one read. */
export class RowReader {
  readonly categoryNames: readonly string[];
  readonly numericColumns: readonly NumericColumn[];
  label = 1;
  /** 0 unless times are read. */
  time = 0;
  readonly numbers: Float32Array; // [numericColumns]

  readonly labelColumn: number;
  /** −1: times are not read. */
  readonly timeColumn: number;
  readonly dateOrder: DateOrder;
  readonly numberCells: readonly {
    readonly column: number;
    readonly mark: DecimalMark;
    readonly transform: Transform;
  }[];
  readonly categoryCells: ReturnType<typeof fieldsOf>;

  readonly #layout: Layout;
  readonly #values: string[] = [];
  readonly #labelMark: DecimalMark;

  constructor(layout: Layout, readTimes: boolean) {
    const { columns } = layout;
    const withRole = (role: string) => columns.flatMap((column, i) => (column.role === role ? [i] : []));
    this.#layout = layout;
    this.labelColumn = withRole('label')[0] ?? -1;
    this.#labelMark = columns[this.labelColumn]?.mark ?? '.';
    this.timeColumn = readTimes ? (withRole('time')[0] ?? -1) : -1;
    this.dateOrder = columns[this.timeColumn]?.dateOrder ?? 'day-first';
    const isRanking = layout.labels === 'ranking';
    this.numberCells = (isRanking ? [] : withRole('number')).map((column) => {
      const { mark = '.', transform = { kind: 'log' } } = columns[column];
      return { column, mark, transform };
    });
    const fields = fieldsOf(columns);
    const isTurned = isRanking && isItemFirst(fields.map(({ name }) => name));
    this.categoryCells = isTurned ? fields.toReversed() : fields;
    this.categoryNames = this.categoryCells.map(({ name }) => name);
    this.numericColumns = this.numberCells.map(({ column, transform }) => ({
      name: columns[column].name,
      transform,
    }));
    this.numbers = new Float32Array(this.numberCells.length);
  }

  /** null when the record is good. */
  read(cells: readonly string[]): Problem | null {
    const { columns, labels } = this.#layout;
    if (cells.length !== columns.length) return isBlank(cells) ? blankLine : this.#wrongWidth(cells.length);
    const problem = this.labelColumn === -1 ? null : this.#readLabel(cells[this.labelColumn], labels);
    if (problem) return problem;
    if (this.timeColumn >= 0) {
      this.time = parseTime(cells[this.timeColumn], this.dateOrder);
      if (Number.isNaN(this.time)) return this.#badCell(this.timeColumn, cells, 'a time or date');
    }
    for (let i = 0; i < this.numberCells.length; i++) {
      const { column, mark, transform } = this.numberCells[i];
      const value = parseAnyNumber(cells[column], mark);
      if (Math.abs(value) <= largestFloat32) this.numbers[i] = applyTransform(transform, value);
      else if (isMissing(cells[column])) this.numbers[i] = 0;
      else return this.#badCell(column, cells, Number.isNaN(value) ? 'a number' : numberForFloat32);
    }
    return null;
  }

  /** Values of categoryNames; a missing value is a value like any other. Overwritten by the next call. */
  readCategories(cells: readonly string[]): readonly string[] {
    for (let i = 0; i < this.categoryCells.length; i++) {
      const { column, category } = this.categoryCells[i];
      this.#values[i] = readCategory(category, cells[column]);
    }
    return this.#values;
  }

  #readLabel(cell: string, labels: Layout['labels']): Problem | null {
    this.label = readLabel(this.#layout.labelReading, cell);
    if (labels === 'ranking' && this.label === 0) return this.#notPositive();
    const badLabel = labels === 'click' ? this.label !== 0 && this.label !== 1 : Number.isNaN(this.label);
    if (badLabel && isMissing(cell)) return this.#missingLabel();
    if (badLabel && !isBeyondFloat32(cell, this.#labelMark)) return this.#badLabel(cell);
    return badLabel || Math.abs(this.label) > largestLabel ? this.#hugeLabel(cell) : null;
  }

  #wrongWidth(width: number): Problem {
    const { columns, dialect } = this.#layout;
    const delimiter = dialect.delimiter === '\t' ? 'TAB' : `“${dialect.delimiter}”`;
    return {
      reason: wrongWidth(columns.length),
      detail: `the line has ${width > maxColumns ? `more than ${maxColumns}` : width} columns, not ${columns.length}`,
      column: null,
      remedy: `Every line needs ${columns.length} columns separated by ${delimiter}: look for missing or extra separators, and for line breaks inside cells.`,
    };
  }

  #badLabel(cell: string): Problem {
    const { columns, labels } = this.#layout;
    const column = columnLabel(columns, this.labelColumn);
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

  #notPositive(): Problem {
    const column = columnLabel(this.#layout.columns, this.labelColumn);
    return {
      reason: `label in column ${column} does not fulfil the rule for positives`,
      detail: 'the label does not fulfil the rule for positives',
      column,
      remedy: 'Lines that do not are no examples of a ranking.',
      isHarmless: true,
    };
  }

  #missingLabel(): Problem {
    const column = columnLabel(this.#layout.columns, this.labelColumn);
    return {
      reason: `label in column ${column} is missing`,
      detail: 'the label is missing',
      column,
      remedy: 'Give every line a label, or choose another column as label.',
      isHarmless: true,
    };
  }

  #hugeLabel(cell: string): Problem {
    const column = columnLabel(this.#layout.columns, this.labelColumn);
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

export const repeatedHeader: Problem = {
  reason: 'the header once more',
  detail: 'the line repeats the header',
  column: null,
  remedy: 'Remove the repeated headers.',
  isHarmless: true,
};

export const malformedQuotes: Problem = {
  reason: 'malformed quotes',
  detail: 'a double quote is not closed, or text follows a closing one',
  column: null,
  remedy: 'Write a double quote inside a quoted cell twice (""), and close every one that opens a cell.',
};
