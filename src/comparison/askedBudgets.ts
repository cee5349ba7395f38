import type { FieldStatistics } from '../compression/allocation.ts';
import { readShare } from '../quantities/quantities.ts';
import { parseSetting, SettingError } from '../settings/parseSetting.ts';

/** Dim of the uncompressed tables that shares refer to. */
export const FULL_DIM = 16;

/** A budget as people ask for it: a number of parameters, or a share of the full model. */
export interface AskedBudget {
  /** As it was written: 40k, 1/16. */
  readonly text: string;
  /** Parameters, or a share in (0, 1] of the uncompressed tables at d = FULL_DIM. */
  readonly unit: 'parameters' | 'share';
  readonly amount: number;
}

/** Reads 10k,42 000,1/16: separated by commas or semicolons. Throws SettingError. */
export function parseBudgets(text: string): readonly AskedBudget[] {
  const cells = text.split(/[,;\n]/).map((cell) => cell.trim());
  if (cells.at(-1) === '') cells.pop();
  if (cells.length === 0) throw refuse(text);
  return cells.map(parseBudget);
}

/** Reads one: 10k, 42,000 or 1/16. Throws SettingError. */
export function parseBudget(text: string): AskedBudget {
  if (text.includes('/')) {
    const share = readShare(text);
    if (Number.isNaN(share)) throw refuse(text);
    return { text, unit: 'share', amount: share };
  }
  const parameters = parseSetting('budget', text);
  if (parameters === null) throw refuse(text);
  return { text, unit: 'parameters', amount: parameters };
}

/** Parameters of uncompressed tables: every row of every field at d = FULL_DIM. */
export function fullModelParameters(fields: readonly Pick<FieldStatistics, 'cardinality'>[]): number {
  return FULL_DIM * fields.reduce((rows, field) => rows + field.cardinality, 0);
}

/** The cap in whole parameters; a share is rounded down. */
export function parametersOf(
  { unit, amount }: AskedBudget,
  fields: readonly Pick<FieldStatistics, 'cardinality'>[],
): number {
  return unit === 'parameters' ? amount : Math.floor(amount * fullModelParameters(fields) + 1e-6);
}

function refuse(text: string): SettingError {
  const allowed = `parameters, as 10k,40k, or shares of the model at d = ${FULL_DIM}, as 1/4,1/16`;
  return new SettingError('budgets', 'Budgets', text, allowed);
}
