import type { CategoryReading } from './categoryReading.ts';
import type { LabelReading } from './labelReading.ts';
import type { DecimalMark } from './numberText.ts';
import type { Dialect } from './records.ts';
import type { DateOrder } from './timeText.ts';
import type { Transform } from './transform.ts';

/**
 * How the lines of a file were read, as plain data: with it and the values of its fields a model reads any other file as it read the
 * one that it was trained on.
 */
export interface DataReading {
  /** Of files that do not name their columns. */
  readonly dialect: Dialect;
  /** Whether the columns of the file had names; otherwise they are known by their place. */
  readonly hasHeader: boolean;
  /** In file order. */
  readonly columns: readonly ReadColumn[];
  readonly labelReading: LabelReading;
  /** Labels of clicks, as they are read: `low` is 0, `high` 1. null: labels are learnt as they are. */
  readonly clicks: { readonly low: number; readonly high: number } | null;
}

/** See Column of a Layout, which is one. */
export interface ReadColumn {
  readonly name: string;
  readonly role: 'label' | 'number' | 'category' | 'time' | 'ignore';
  readonly mark?: DecimalMark;
  readonly dateOrder?: DateOrder;
  readonly transform?: Transform;
  readonly category?: CategoryReading;
  readonly parts?: readonly ReadField[] | null;
  readonly derived?: ReadField;
}

interface ReadField {
  readonly name: string;
  readonly category: CategoryReading;
}
