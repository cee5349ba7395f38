import { methods } from '../compression/methods.ts';
import { defaultSettings, type MethodId, type Settings } from '../settings/settings.ts';

type Name = keyof Settings;

const everyKnob: ReadonlySet<Name> = new Set(Object.values(methods).flatMap(({ knobs }) => knobs));

/** False: the setting is a knob of other methods, and changes nothing for this one. */
export function isRead(method: MethodId, name: Name): boolean {
  return !everyKnob.has(name) || methods[method].knobs.includes(name);
}

/** The settings with the knobs of other methods at their defaults: equal for runs that are the same. */
export function withOwnKnobs<S extends Settings>(settings: S): S {
  const foreign = [...everyKnob].filter((name) => !isRead(settings.method, name));
  return { ...settings, ...Object.fromEntries(foreign.map((name) => [name, defaultSettings[name]])) };
}
