import { isRead, withOwnHyperparameters } from './hyperparameters.ts';
import { settingTable, type Settings } from '../settings/settings.ts';

const names = (Object.keys(settingTable) as (keyof Settings)[]).filter((name) => name !== 'seed');

/** Equal for settings that differ in nothing but the seed and what their method does not read. */
function seedlessKey(settings: Settings): string {
  const own = withOwnHyperparameters(settings);
  return JSON.stringify(names.map((name) => own[name]));
}

/** Lists of what differs in nothing but the seed, in order of first appearance. */
export function groupSeeds<T>(
  items: readonly T[],
  settingsOf: (item: T) => Settings,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = seedlessKey(settingsOf(item));
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** The settings, the seed aside, that are not the same wherever they are read, in the order of the table. */
export function differingSettings(all: readonly Settings[]): readonly (keyof Settings)[] {
  return names.filter((name) => {
    const read = all.filter(({ method }) => isRead(method, name));
    return read.some((settings) => settings[name] !== read[0][name]);
  });
}
