import { methods } from '../compression/methods.ts';
import { formatSetting, readFieldMethods } from '../settings/parseSetting.ts';
import { defaultSettings, type MethodId, type Settings, settingTable } from '../settings/settings.ts';

type Name = keyof Settings;

const everyHyperparameter: ReadonlySet<Name> = new Set(
  Object.values(methods).flatMap(({ hyperparameters }) => hyperparameters),
);

/** Whether only some methods read the setting. */
export function isHyperparameter(name: Name): boolean {
  return everyHyperparameter.has(name);
}

/** False: the setting is one that only other methods read. */
export function isRead(method: MethodId, name: Name): boolean {
  return !isHyperparameter(name) || methods[method].hyperparameters.includes(name);
}

/** The settings with the hyperparameters that no field of them reads at their defaults: equal for runs that are the same. */
export function withOwnHyperparameters<S extends Settings>(settings: S): S {
  const inUse = [settings.method, ...(readFieldMethods(settings.fieldMethods)?.values() ?? [])];
  const foreign = [...everyHyperparameter].filter(
    (name) => !inUse.some((method) => isRead(method, name)) || isOverruled(settings, name),
  );
  return { ...settings, ...Object.fromEntries(foreign.map((name) => [name, defaultSettings[name]])) };
}

/** Dims are by popularity and α, or by the spectra of a warm-up. */
function isOverruled({ allocation }: Settings, name: Name): boolean {
  return name === (allocation === 'spectral' ? 'alpha' : 'warmupSteps');
}

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

/** Names what a method and its settings are beside others: the method, and the values of `named` that it reads. */
export function nameAmong(named: readonly Name[], settings: Settings): string {
  const own = named.filter((name) => name !== 'method' && name !== 'budget' && isRead(settings.method, name));
  const rest = own.map((name) => `${settingTable[name].label} ${formatSetting(settings[name])}`);
  return [methods[settings.method].label, ...rest].join(', ');
}
