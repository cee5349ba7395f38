import controls from '../shared/controls.module.css';
import { methods } from '../../compression/methods.ts';
import { readFieldMethods, writeFieldMethods } from '../../settings/parseSetting.ts';
import type { MethodId } from '../../settings/settings.ts';
import { useApp, useDimmer } from '../useDimmer.ts';

const ids = Object.keys(methods) as MethodId[];
const known: ReadonlySet<string> = new Set(ids);
/** Those that make vectors of a dim that is given: the others solve it for all fields together. */
const choices = ids.filter((id) => methods[id].hyperparameters.includes('vectorDim'));

/** The method of one field: that of all, or one of its own. */
export function FieldMethod({ field }: { readonly field: string }) {
  const { settings } = useDimmer();
  const text = useApp((state) => state.settings.fieldMethods);
  const chosen = readFieldMethods(text, known);
  const change = (method: string): void => {
    const next = new Map(chosen);
    if (method === '') next.delete(field);
    else next.set(field, method as MethodId);
    settings.change({ fieldMethods: writeFieldMethods(next) });
  };
  return (
    <select
      className={controls.select}
      aria-label={`Method of ${field}`}
      value={chosen?.get(field) ?? ''}
      onChange={(event) => change(event.currentTarget.value)}
    >
      <option value="">auto</option>
      {choices.map((id) => (
        <option key={id} value={id}>
          {methods[id].label}
        </option>
      ))}
    </select>
  );
}
