import { parseSetting } from '../settings/parseSetting.ts';
import { type Settings, settingTable } from '../settings/settings.ts';

/** Every setting but those that a comparison varies anyway, and the device, of which there is one. */
export type AxisName = Exclude<keyof Settings, 'method' | 'budget' | 'seed' | 'backend'>;

/** A setting, and the values that a comparison gives it. */
export interface SettingAxis<K extends AxisName = AxisName> {
  readonly name: K;
  readonly values: readonly Settings[K][];
}

const others: ReadonlySet<string> = new Set(['method', 'budget', 'seed', 'backend']);

/** In the order of the table. */
export const axisNames = Object.keys(settingTable).filter((name) => !others.has(name)) as AxisName[];

/** What stands between two values of a setting: its values may have commas of their own. */
export function separatorOf(name: AxisName): ',' | ';' {
  const { type } = settingTable[name];
  return type === 'names' || type === 'field-methods' ? ';' : ',';
}

/** Reads 0,0.2,auto. A value that is there twice counts once. Throws SettingError. */
export function parseAxis(name: AxisName, text: string): SettingAxis {
  const values = text.split(separatorOf(name)).map((cell) => parseSetting(name, cell));
  return { name, values: [...new Set(values)] };
}

/** The settings with every combination of the values of the axes; the last axis varies fastest. */
export function spanAxes(settings: Settings, axes: readonly SettingAxis[]): readonly Settings[] {
  return axes.reduce<readonly Settings[]>(
    (spanned, { name, values }) =>
      spanned.flatMap((each) => values.map((value): Settings => ({ ...each, [name]: value }))),
    [settings],
  );
}
