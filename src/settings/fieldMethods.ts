import type { MethodId } from './settings.ts';

/** Methods of single fields, by name; fields that are not named keep the method of all. */
export type FieldMethods = ReadonlyMap<string, MethodId>;

/**
 * Reads 'C3=full,C9=hashing'. Names are written as in a link, so that they may hold “,” and “=”.
 * undefined: not of that form, a name twice, or no such method.
 */
export function readFieldMethods(text: string, ids: ReadonlySet<string>): FieldMethods | undefined {
  const methods = new Map<string, MethodId>();
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const at = part.lastIndexOf('=');
    const name = decode(part.slice(0, Math.max(0, at)).trim());
    const method = part.slice(at + 1).trim();
    if (!name || !ids.has(method) || methods.has(name)) return undefined;
    methods.set(name, method as MethodId);
  }
  return methods;
}

/** The text that readFieldMethods reads back. */
export function writeFieldMethods(methods: FieldMethods): string {
  return [...methods].map(([name, method]) => `${encodeURIComponent(name)}=${method}`).join(',');
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
