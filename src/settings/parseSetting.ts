import { readBytes, readCount } from '../quantities/quantities.ts';
import { excerpt } from '../validation/excerpt.ts';
import type { Setting } from './setting.ts';
import { type MethodId, methodLabels, type Settings, settingTable } from './settings.ts';

/** How people write "leave it to the data" where a setting is optional. */
const AUTOMATIC = 'auto';

const methodIds: ReadonlySet<string> = new Set(Object.keys(methodLabels));

const MAX_LAYERS = 8;
const MAX_WIDTH = 8192;

/** No number and no choice is longer in any form that is read. */
const LONGEST_VALUE = 100;
/** Names of layers, or of fields with their methods. */
const LONGEST_LIST = 65_536;

/**
 * Reads a setting as people type it on a command line, in a number box or in a link.
 * Whole numbers may be written 42,000 or 42k, 67.5M, 1.2G; optional settings as `auto`.
 * Throws SettingError.
 */
export function parseSetting<K extends keyof Settings>(name: K, text: string): Settings[K] {
  const setting = settingTable[name];
  if (text.length > longestText(setting)) throw refuse(name, text);
  const trimmed = text.trim();
  if (setting.type === 'layers' || setting.type === 'names' || setting.type === 'field-methods')
    return checkSetting(name, trimmed);
  if (setting.optional && trimmed === AUTOMATIC) return checkSetting(name, null);
  if (setting.type === 'choice') return checkSetting(name, trimmed);
  if (setting.unset === trimmed) return checkSetting(name, null);
  const value = readNumber(setting, trimmed);
  if (Number.isNaN(value)) throw refuse(name, text);
  return checkSetting(name, value);
}

function longestText({ type }: Setting): number {
  return type === 'names' || type === 'field-methods' ? LONGEST_LIST : LONGEST_VALUE;
}

/** The same value if the setting can take it. Throws SettingError. */
export function checkSetting<K extends keyof Settings>(name: K, value: unknown): Settings[K] {
  if (!isAllowed(settingTable[name], value)) throw refuse(name, value);
  // −0 is 0, as which it would come back from a link.
  return (value === 0 ? 0 : value) as Settings[K];
}

/** The text that parseSetting reads back as the same value. */
export function formatSetting(value: Settings[keyof Settings]): string {
  return value === null ? AUTOMATIC : String(value);
}

/** Hidden widths of '512-256-64', or of '' (none). Throws SettingError naming `setting`. */
export function parseLayers(setting: 'bottomMlp' | 'topMlp' | 'ncfMlp', text: string): readonly number[] {
  return checkSetting(setting, text).split('-').filter(Boolean).map(Number);
}

/** The names in 'top.0, embedding'. */
export function parseNames(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}

/** What a setting can be, to complete "Give …". */
export function describeAllowed(setting: Setting): string {
  if (setting.type === 'layers') {
    return `up to ${MAX_LAYERS} hidden widths from 1 to ${MAX_WIDTH} joined by “-”, as 512-256-64`;
  }
  if (setting.type === 'names') return 'names separated by “,”';
  if (setting.type === 'field-methods') {
    return `fields and their methods, as C3=full,C9=hashing; methods: ${[...methodIds].join(', ')}`;
  }
  const automatic = setting.optional ? `, or ${('unset' in setting && setting.unset) || AUTOMATIC}` : '';
  if (setting.type === 'choice') {
    return `one of ${setting.choices.map(({ value }) => value).join(', ')}${automatic}`;
  }
  const kind = setting.integer ? 'a whole number' : 'a number';
  const unit = setting.unit ? ` of ${setting.unit}, as 64 or 512 kB,` : '';
  return `${kind}${unit} from ${setting.min} to ${setting.max}${automatic}`;
}

function isAllowed(setting: Setting, value: unknown): boolean {
  if (typeof value === 'string' && value.length > longestText(setting)) return false;
  if (setting.type === 'layers') return typeof value === 'string' && isLayers(value);
  if (setting.type === 'names') return typeof value === 'string';
  if (setting.type === 'field-methods') {
    return typeof value === 'string' && readFieldMethods(value) !== undefined;
  }
  if (value === null) return setting.optional;
  if (setting.type === 'choice') return setting.choices.some((choice) => choice.value === value);
  if (typeof value !== 'number' || !(value >= setting.min && value <= setting.max)) return false;
  return !setting.integer || Number.isInteger(value);
}

function isLayers(text: string): boolean {
  if (text === '') return true;
  const widths = text.split('-');
  return (
    widths.length <= MAX_LAYERS &&
    widths.every((width) => /^[1-9]\d{0,4}$/.test(width) && Number(width) <= MAX_WIDTH)
  );
}

/** A count with its suffix, megabytes with any unit, or a plain number; NaN for anything else. */
function readNumber({ integer, unit }: Extract<Setting, { type: 'number' }>, text: string): number {
  const megabytes = unit ? readBytes(text) / 1e6 : NaN;
  if (!Number.isNaN(megabytes)) return megabytes;
  const count = integer ? readCount(text) : NaN;
  return Number.isNaN(count) ? parseDecimal(text) : count;
}

function parseDecimal(text: string): number {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** The error for a value that a setting cannot take. */
export function refuse(name: keyof Settings, value: unknown): SettingError {
  const setting = settingTable[name];
  return new SettingError(name, setting.label, value, describeAllowed(setting));
}

/** A setting was given a value it cannot take. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
  /** The key of Settings. */
  readonly setting: string;
  readonly value: unknown;
  readonly remedy: string;

  /** `allowed` completes "Give …": 'a whole number from 1 to 16'. */
  constructor(setting: string, label: string, value: unknown, allowed: string) {
    super(`${label} (${setting}) cannot be ${nameOf(value)}.`);
    this.setting = setting;
    this.value = value;
    this.remedy = `Give ${allowed}.`;
  }
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return `“${excerpt(value)}”`;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Methods of single fields, by name; fields that are not named keep the method of all. */
export type FieldMethods = ReadonlyMap<string, MethodId>;

/**
 * Reads 'C3=full,C9=hashing'. Names are written as in a link, so that they may hold “,” and “=”.
 * undefined: not of that form, a name twice, or no such method.
 */
export function readFieldMethods(text: string, ids = methodIds): FieldMethods | undefined {
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
