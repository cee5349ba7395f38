import { defaultSettings, type Settings, settingTable } from '../settings/settings.ts';

const names = Object.keys(settingTable) as (keyof Settings)[];

/** The settings among the flags, the rest at their defaults. */
export function givenSettings(flags: Readonly<Partial<Record<keyof Settings, unknown>>>): Settings {
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return { ...defaultSettings, ...(Object.fromEntries(given) as Partial<Settings>) };
}
