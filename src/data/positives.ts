import { DataError } from './containers/errors.ts';
import type { Layout } from './formats/layout.ts';
import { describeRule, type LabelRule } from './labelReading.ts';

/**
 * The layout by which a ranking is learnt, where there is no label, or where only the lines whose label fulfils `rule` are examples;
 * otherwise the same. Throws DataError for a rule without a label.
 */
export function withPositives<L extends Layout>(
  layout: L,
  rule: LabelRule | null | undefined,
  file: string,
): L {
  const label = layout.columns.find(({ role }) => role === 'label');
  if (!rule) return label ? layout : { ...layout, labels: 'ranking' };
  if (label) {
    return { ...layout, labels: 'ranking', labelReading: { kind: 'rule', rule, mark: label.mark ?? '.' } };
  }
  throw new DataError(
    'no column is the label, so there is nothing that the rule for positives could be held against.',
    { file },
    'Leave the rule out, if every line is something that happened, or give a column the role “label”.',
  );
}

/** For people: which lines are examples of a ranking. */
export function describePositives({ labelReading, columns }: Layout): string {
  const label = columns.find(({ role }) => role === 'label');
  if (!label || labelReading.kind !== 'rule') return 'every line is something that happened';
  return `what happened are the lines whose “${label.name}” ${describeRule(labelReading.rule)}; the others are no examples`;
}
