interface SettingBase<T> {
  readonly label: string;
  /** One sentence for tooltips and --help. */
  readonly help: string;
  readonly default: T;
  /** Key in the URL fragment. */
  readonly key: string;
}
interface NumberSetting extends SettingBase<number | null> {
  readonly type: 'number';
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly scale: 'linear' | 'log';
  readonly integer: boolean;
  readonly optional: boolean;
  /** Values may be typed with this unit or with kB and GB: 64 MB, 512 kB. */
  readonly unit?: 'MB';
  /** The word for null, where it does not mean "chosen for the data". */
  readonly unset?: string;
}
interface ChoiceSetting extends SettingBase<string | null> {
  readonly type: 'choice';
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly optional: boolean;
}
interface LayersSetting extends SettingBase<string> {
  readonly type: 'layers';
}
/** Names separated by commas. */
interface NamesSetting extends SettingBase<string> {
  readonly type: 'names';
}
interface FieldMethodsSetting extends SettingBase<string> {
  readonly type: 'field-methods';
}
/** The description of one setting: its values, its texts, its key in links. */
export type Setting = NumberSetting | ChoiceSetting | LayersSetting | NamesSetting | FieldMethodsSetting;

type NumberOptions = Partial<
  Pick<NumberSetting, 'step' | 'scale' | 'integer' | 'optional' | 'unit' | 'unset'>
>;

export function number(
  key: string,
  label: string,
  fallback: number | null,
  [min, max]: readonly [number, number],
  help: string,
  options: NumberOptions = {},
): NumberSetting {
  const { step = 1, scale = 'linear', integer = true, optional = fallback === null, ...rest } = options;
  const range = { min, max, step, scale, integer, optional };
  return { type: 'number', key, label, default: fallback, ...range, help, ...rest };
}

export function choice(
  key: string,
  label: string,
  fallback: string | null,
  choices: Readonly<Record<string, string>>,
  help: string,
): ChoiceSetting {
  const list = Object.entries(choices).map(([value, text]) => ({ value, label: text }));
  return { type: 'choice', key, label, default: fallback, choices: list, optional: fallback === null, help };
}
