import { checkSetting, formatSetting, parseSetting, refuse, SettingError } from './parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from './settings.ts';

/** Settings that are safe to use, and what had to be replaced by a default to make them so. */
export interface CheckedSettings {
  readonly settings: Settings;
  readonly errors: readonly SettingError[];
  /** Names or keys that no setting has. */
  readonly unknown: readonly string[];
}

const names = Object.keys(settingTable) as (keyof Settings)[];

/** Checks what should be a record of settings, from storage, a file or a message: missing and unusable values become defaults. */
export function validateSettings(candidate: unknown): CheckedSettings {
  return validate(candidate, checkSetting);
}

function validate(
  candidate: unknown,
  check: (name: keyof Settings, value: unknown) => Settings[keyof Settings],
): CheckedSettings {
  const own = new Map(typeof candidate === 'object' && candidate !== null ? Object.entries(candidate) : []);
  const checked = collect((name) => {
    const value: unknown = own.get(name);
    return value === undefined ? undefined : check(name, value);
  });
  return { ...checked, unknown: [...own.keys()].filter((name) => !Object.hasOwn(settingTable, name)) };
}

/** What follows from data, or from a share of another model, when it is left open: it may be beyond what can be asked for. */
const decidedByData: ReadonlySet<keyof Settings> = new Set([
  'budget',
  'learningRate',
  'warmupSteps',
  'evaluateEvery',
  'l2',
]);

/** validateSettings for those that a run was trained with. */
export function validateRunSettings(candidate: unknown): CheckedSettings {
  return validate(candidate, (name, value) => {
    const setting = settingTable[name];
    if (!decidedByData.has(name) || typeof value !== 'number') return checkSetting(name, value);
    const isBroken = setting.type === 'number' && setting.integer && !Number.isInteger(value);
    return value >= 0 && value < Infinity && !isBroken ? value : checkSetting(name, value);
  });
}

/** The settings that differ from the defaults, under the keys of settingTable. */
export function encodeSettings(settings: Settings): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of names) {
    const value = settings[name];
    if (value !== defaultSettings[name]) parameters.set(settingTable[name].key, formatSetting(value));
  }
  return parameters;
}

/** Reads encodeSettings's parameters, written by anyone: the limits of settingTable hold. */
export function decodeSettings(parameters: URLSearchParams): CheckedSettings {
  const given = new Map<string, string[]>();
  for (const [key, text] of parameters) {
    const texts = given.get(key);
    if (texts) texts.push(text);
    else given.set(key, [text]);
  }
  const checked = collect((name) => {
    const [text, ...others] = given.get(settingTable[name].key) ?? [];
    if (others.some((other) => other !== text)) throw refuse(name, [text, ...others].join(' and '));
    return text === undefined ? undefined : parseSetting(name, text);
  });
  const keys = new Set(names.map((name) => settingTable[name].key));
  return { ...checked, unknown: [...given.keys()].filter((key) => !keys.has(key)) };
}

/** `read` gives a setting's value, undefined for its default, or throws SettingError. */
function collect(
  read: (name: keyof Settings) => Settings[keyof Settings] | undefined,
): Omit<CheckedSettings, 'unknown'> {
  const errors: SettingError[] = [];
  const settings: Partial<Record<keyof Settings, unknown>> = { ...defaultSettings };
  for (const name of names) {
    try {
      const value = read(name);
      if (value !== undefined) settings[name] = value;
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      errors.push(error);
    }
  }
  return { settings: settings as unknown as Settings, errors };
}
