import { checkSetting, formatSetting, parseSetting, SettingError } from './parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from './settings.ts';

/** Settings that are safe to use, and what had to be replaced by a default to make them so. */
export interface CheckedSettings {
  readonly settings: Settings;
  readonly errors: readonly SettingError[];
}

const names = Object.keys(settingTable) as (keyof Settings)[];

/** Checks a record from outside (storage, a message): missing and unusable values become defaults. */
export function validateSettings(
  candidate: Readonly<Partial<Record<keyof Settings, unknown>>>,
): CheckedSettings {
  return collect((name) => (candidate[name] === undefined ? undefined : checkSetting(name, candidate[name])));
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

/** Reads encodeSettings's parameters, written by anyone: the limits of settingTable hold. Other keys are ignored. */
export function decodeSettings(parameters: URLSearchParams): CheckedSettings {
  return collect((name) => {
    const text = parameters.get(settingTable[name].key);
    return text === null ? undefined : parseSetting(name, text);
  });
}

/** `read` gives a setting's value, undefined for its default, or throws SettingError. */
function collect(read: (name: keyof Settings) => Settings[keyof Settings] | undefined): CheckedSettings {
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
