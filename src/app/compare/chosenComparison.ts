import { parseBudgets } from '../../comparison/askedBudgets.ts';
import type { ComparisonRequest } from '../../comparison/comparisonRuns.ts';
import { parseAxis, type SettingAxis } from '../../comparison/settingAxes.ts';
import type { Settings } from '../../settings/settings.ts';
import type { ComparisonChoices } from './state.ts';

/** The choices as a request, all else as in `settings`. Throws SettingError for texts that cannot be read. */
export function readChoices(
  { methods, budgets, axes, seeds }: ComparisonChoices,
  settings: Settings,
): ComparisonRequest & { readonly axes: readonly SettingAxis[] } {
  const read = axes.map(({ name, values }) => parseAxis(name, values));
  return { settings, methods, budgets: parseBudgets(budgets), axes: read, seeds };
}
