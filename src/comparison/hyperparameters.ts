import { methods } from '../compression/methods.ts';
import { defaultSettings, type MethodId, type Settings } from '../settings/settings.ts';

type Name = keyof Settings;

const everyHyperparameter: ReadonlySet<Name> = new Set(
  Object.values(methods).flatMap(({ hyperparameters }) => hyperparameters),
);

/** False: the setting is a knob of other methods, and changes nothing for this one. */
export function isRead(method: MethodId, name: Name): boolean {
  return !everyHyperparameter.has(name) || methods[method].hyperparameters.includes(name);
}

/** The settings with the knobs of other methods at their defaults: equal for runs that are the same. */
export function withOwnHyperparameters<S extends Settings>(settings: S): S {
  const foreign = [...everyHyperparameter].filter((name) => !isRead(settings.method, name));
  return { ...settings, ...Object.fromEntries(foreign.map((name) => [name, defaultSettings[name]])) };
}
