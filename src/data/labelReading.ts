import { isMissing } from './missing.ts';
import { type DecimalMark, parseNumber } from './numberText.ts';
import type { ColumnProfile } from './profile/profile.ts';

/** How the cells of the label column become numbers. */
export type LabelReading =
  /** Ratings, 0 and 1, any two numbers; with `words` also yes and no. */
  | { readonly kind: 'number'; readonly mark: DecimalMark; readonly words: boolean }
  /** Two words: `high` is 1. */
  | { readonly kind: 'words'; readonly low: string; readonly high: string }
  /** `value` where it happened, nothing where it did not. */
  | { readonly kind: 'blank-is-no'; readonly value: string }
  | { readonly kind: 'rule'; readonly rule: LabelRule; readonly mark: DecimalMark };

/** A click made of something else: rating ≥ 4, count > 0, behaviour = buy. */
export type LabelRule =
  | { readonly kind: 'at-least'; readonly value: number }
  | { readonly kind: 'above'; readonly value: number }
  | { readonly kind: 'equals'; readonly value: string };

/** `>=4`, `>0` or `=buy`; null: the text is no rule. */
export function parseLabelRule(text: string): LabelRule | null {
  const [, operator, operand] = /^\s*(>=|≥|>|=)\s*(\S.*)$/.exec(text) ?? [];
  if (operator === undefined) return null;
  if (operator === '=') return { kind: 'equals', value: operand.trim() };
  const value = Number(operand);
  if (Number.isNaN(value)) return null;
  return operator === '>' ? { kind: 'above', value } : { kind: 'at-least', value };
}

/** As parseLabelRule reads it. */
export function writeLabelRule(rule: LabelRule): string {
  return `${{ equals: '=', above: '>', 'at-least': '>=' }[rule.kind]}${rule.value}`;
}

const yes = new Set(
  'true yes t y positive pos clicked click won win success good like liked buy bought'.split(' '),
);
const no = new Set('false no f n negative neg lost loss failure bad dislike disliked'.split(' '));

/** NaN: the cell is no label. */
export function readLabel(reading: LabelReading, cell: string): number {
  switch (reading.kind) {
    case 'number': {
      const value = parseNumber(cell, reading.mark);
      if (!Number.isNaN(value) || !reading.words) return value;
      const word = cell.trim().toLowerCase();
      return yes.has(word) ? 1 : no.has(word) ? 0 : NaN;
    }
    case 'words': {
      const word = cell.trim().toLowerCase();
      return word === reading.high ? 1 : word === reading.low ? 0 : NaN;
    }
    case 'blank-is-no':
      return cell.trim() === reading.value ? 1 : isMissing(cell) ? 0 : NaN;
    default:
      return followRule(reading.rule, cell, reading.mark);
  }
}

function followRule(rule: LabelRule, cell: string, mark: DecimalMark): number {
  if (isMissing(cell)) return NaN;
  if (rule.kind === 'equals') return cell.trim().toLowerCase() === rule.value.trim().toLowerCase() ? 1 : 0;
  const value = parseNumber(cell, mark);
  if (Number.isNaN(value)) return NaN;
  return (rule.kind === 'above' ? value > rule.value : value >= rule.value) ? 1 : 0;
}

/** The different labels that a column of few values has; null: they are too many to be listed. */
export function labelValues(reading: LabelReading, { values }: ColumnProfile): readonly number[] | null {
  if (reading.kind === 'blank-is-no') return [0, 1];
  if (values === null) return null;
  const labels = new Set(values.map(({ value }) => readLabel(reading, value)));
  labels.delete(NaN);
  return [...labels];
}

/** Events of a log, the one to learn first. */
const events = [
  'buy',
  'purchase',
  'transaction',
  'order',
  'conversion',
  'click',
  'clicked',
  'cart',
  'addtocart',
];

const knownEvents = new Set([
  ...events,
  ...'pv view detail fav favorite favourite add_to_cart remove impression show like share follow'.split(' '),
]);

/** Names of what is counted: how often somebody clicked, not how much somebody liked it. */
const countedNames =
  /(^|[^a-z])(n|num|no|count|cnt|clicks?|clk|purchases?|conversions?|installs?|orders?|bookings?|transactions?|sales|views|visits)([^a-z]|$)/i;

/** 0, 1, 2 and so on, under the name of an event. */
function isCount({ name, values, numbers }: ColumnProfile): boolean {
  if (!countedNames.test(name) || numbers === null) return false;
  if (numbers.least !== 0 || numbers.largest < 2 || numbers.integerShare < 1) return false;
  return (
    values === null ||
    ['0', '1', '2'].every((value) => values.some((one) => Number(one.value) === Number(value)))
  );
}

/** Reads labels as the profile says they are written. null: they are not labels. */
export function chooseLabelReading(column: ColumnProfile, rule: LabelRule | null): LabelReading | null {
  const { mark, numberShare, values, missing, count } = column;
  if (rule) return { kind: 'rule', rule, mark };
  if (numberShare[mark] >= 0.9) {
    const blanks = missing.reduce(
      (sum, { marker, count: times }) => sum + (marker === 'empty' ? times : 0),
      0,
    );
    // One value and blanks, neither of them rare: the value is a yes.
    const isYes = values?.length === 1 && blanks >= 0.05 * (count + blanks);
    if (isYes) return { kind: 'blank-is-no', value: values[0].value.trim() };
    if (isCount(column)) return { kind: 'rule', rule: { kind: 'above', value: 0 }, mark };
    return { kind: 'number', mark, words: true };
  }
  if (values === null) return null;
  const words = [...new Set(values.map(({ value }) => value.trim().toLowerCase()))];
  if (words.every((word) => yes.has(word) || no.has(word))) return { kind: 'number', mark, words: true };
  if (words.length === 2) {
    const isLow = (word: string) => no.has(word) || /^(not?|non|un|no)[\s_-]/.test(word);
    const isHigh = (word: string) => yes.has(word);
    const [a, b] = words.toSorted();
    return isLow(b) || isHigh(a) ? { kind: 'words', low: b, high: a } : { kind: 'words', low: a, high: b };
  }
  const event = events.find((name) => words.includes(name));
  const areEvents = words.filter((word) => knownEvents.has(word)).length * 2 > words.length;
  return event && areEvents ? { kind: 'rule', rule: { kind: 'equals', value: event }, mark } : null;
}

/** For people; null: labels are read as they are. */
export function describeLabelReading(reading: LabelReading): string | null {
  switch (reading.kind) {
    case 'number':
      return null;
    case 'words':
      return `“${reading.high}” is 1, “${reading.low}” is 0`;
    case 'blank-is-no':
      return `“${reading.value}” is 1, an empty cell 0`;
    default:
      return `1 where it ${describeRule(reading.rule)}, else 0`;
  }
}

/** Completes “where it”. */
export function describeRule(rule: LabelRule): string {
  if (rule.kind === 'equals') return `is “${rule.value}”`;
  return rule.kind === 'above' ? `is above ${rule.value}` : `is at least ${rule.value}`;
}
