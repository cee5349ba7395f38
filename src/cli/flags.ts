import { parseArgs } from 'node:util';
import { readCount } from '../quantities/quantities.ts';
import { describeAllowed, parseSetting } from '../settings/parseSetting.ts';
import type { Setting } from '../settings/setting.ts';
import { defaultSettings, type Settings, settingTable } from '../settings/settings.ts';
import { excerpt } from '../validation/excerpt.ts';
import { HelpRequest, nearest, UsageError } from './usage.ts';

/** A flag takes one value, or none if `placeholder` is null (a switch, true when given). */
export interface Flag<T> {
  readonly placeholder: string | null;
  readonly help: string;
  /** Other names, in kebab-case without dashes. */
  readonly aliases?: readonly string[];
  /** Throws an Error that says what is allowed. */
  parse(text: string): T;
  /** Of a flag that may be given several times. */
  join?(before: T, next: T): T;
}

/** Flags by camelCase name: `baseDim` is written --base-dim. */
export type Flags = Readonly<Record<string, Flag<unknown>>>;
export type FlagValues<F extends Flags> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** A command as its --help tells it. */
export interface CommandSpec<F extends Flags> {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, in one line. */
  readonly usage: string;
  readonly flags: F;
}

export function textFlag(placeholder: string, help: string): Flag<string> {
  return { placeholder, help, parse: parseText };
}

function parseText(text: string): string {
  if (text.trim() === '') throw new UsageError('nothing is given', 'Give a value, or leave the flag out.');
  if (text.includes('\0')) throw new UsageError('a null character is in it', 'Leave it out.');
  return text;
}

/** May be given several times. */
export function textsFlag(placeholder: string, help: string): Flag<readonly string[]> {
  return {
    placeholder,
    help,
    parse: (text) => [parseText(text)],
    join: (before, next) => [...before, ...next],
  };
}

export function switchFlag(help: string): Flag<true> {
  return { placeholder: null, help, parse: () => true };
}

/** Whole number from `min` to `max`. */
export function countFlag(
  placeholder: string,
  help: string,
  [min, max]: readonly [number, number],
): Flag<number> {
  const parse = (text: string): number => {
    const value = readCount(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageError(
      `“${excerpt(text)}” is not a whole number from ${min} to ${max}`,
      `Give one, as ${min + 1}${max >= 1e6 ? ' or 131k' : ''}.`,
    );
  };
  return { placeholder, help, parse };
}

/** Seconds, with decimals, from 0 to a week. */
export function secondsFlag(placeholder: string, help: string): Flag<number> {
  return { placeholder, help, parse: parseSeconds };
}

function parseSeconds(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 604_800) return value;
  throw new UsageError(
    `“${excerpt(text)}” is no number of seconds from 0 to 604800`,
    'Give one, as 30 or 0.5.',
  );
}

export function choiceFlag<const T extends string>(choices: readonly T[], help: string): Flag<T> {
  const parse = (text: string): T => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined)
      throw new UsageError(`“${text}” is unknown`, `Give one of ${choices.join(', ')}.`);
    return choice;
  };
  return { placeholder: choices.join('|'), help, parse };
}

/** The flags of `names` as settingTable describes them; learningRate is also --lr. */
export function settingFlags<K extends keyof Settings>(
  names: readonly K[],
): { readonly [N in K]: Flag<Settings[N]> } {
  const entries = names.map((name) => [name, settingFlag(name)] as const);
  return Object.fromEntries(entries) as { readonly [N in K]: Flag<Settings[N]> };
}

function placeholderOf(setting: Setting): string {
  if (setting.type === 'choice') return setting.choices.map(({ value }) => value).join('|');
  return { number: 'N', layers: 'WIDTH-WIDTH-…', names: 'NAME,…', 'field-methods': 'FIELD=METHOD,…' }[
    setting.type
  ];
}

function settingFlag<K extends keyof Settings>(name: K): Flag<Settings[K]> {
  const setting = settingTable[name];
  const { help, default: fallback } = setting;
  const unset = ('unset' in setting && setting.unset) || 'chosen for the data';
  return {
    placeholder: placeholderOf(setting),
    help: `${help} Default: ${fallback === '' ? 'none' : (fallback ?? unset)}. Allowed: ${describeAllowed(setting)}.`,
    aliases: name === 'learningRate' ? ['lr'] : [],
    parse: (text) => parseSetting(name, text),
  };
}

/**
 * Reads a command's arguments. Throws UsageError for unknown, repeated, incomplete or unusable
 * flags and stray words; what a flag's own parse throws passes through (SettingError);
 * HelpRequest when --help is among them.
 */
export function parseFlags<F extends Flags>(args: readonly string[], command: CommandSpec<F>): FlagValues<F> {
  return parseTexts(readFlags(args, command), command);
}

/** What was written after a flag, each time that it was given, by its name in camelCase; '' for a switch. */
export type FlagTexts = Readonly<Record<string, readonly string[]>>;

/** Finds the flags among a command's arguments, and reads no value. Throws as parseFlags, apart from what values can be wrong in. */
export function readFlags<F extends Flags>(args: readonly string[], command: CommandSpec<F>): FlagTexts {
  const { flags } = command;
  const names = new Map<string, keyof F & string>();
  for (const name of Object.keys(flags)) {
    for (const alias of [kebabCase(name), ...(flags[name].aliases ?? [])]) names.set(alias, name);
  }
  const options = Object.fromEntries(
    [...names].map(([alias, name]) => [
      alias,
      { type: flags[name].placeholder === null ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const texts: Record<string, string[]> = {};
  const seeHelp = `See: dimmer ${command.name} --help.`;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') throw new UsageError(`“${token.value}” belongs to no flag.`, seeHelp);
    if (token.name === 'help' || token.rawName === '-h') throw new HelpRequest(commandHelp(command));
    const name = names.get(token.name);
    if (name === undefined) {
      const meant = nearest(token.name, [...names.keys()]);
      throw new UsageError(
        `${command.name} has no flag ${token.rawName}.`,
        meant ? `Did you mean --${meant}?` : seeHelp,
      );
    }
    if (Object.hasOwn(texts, name) && !flags[name].join)
      throw new UsageError(`${token.rawName} is given twice.`, 'Leave one of them out.');
    (texts[name] ??= []).push(readText(flags[name], token.rawName, token.value, seeHelp));
  }
  return texts;
}

function readText(
  { placeholder }: Flag<unknown>,
  rawName: string,
  value: string | undefined,
  seeHelp: string,
): string {
  if (placeholder === null) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`, `Write ${rawName} alone.`);
    return '';
  }
  if (value === undefined || value.startsWith('--')) {
    throw new UsageError(`${rawName} needs a value: ${placeholder}.`, seeHelp);
  }
  return value;
}

/** Reads the values. Throws UsageError and what a flag's own parse throws. */
export function parseTexts<F extends Flags>(
  texts: FlagTexts,
  { name, flags }: CommandSpec<F>,
): FlagValues<F> {
  const values = Object.entries(texts).map(([key, each]) => {
    if (!Object.hasOwn(flags, key))
      throw new UsageError(`${name} has no flag ${flagName(key)}.`, `See: dimmer ${name} --help.`);
    try {
      const flag: Flag<unknown> = flags[key];
      return [key, each.map((text) => flag.parse(text)).reduce((a, b) => flag.join?.(a, b))] as const;
    } catch (error) {
      if (error instanceof UsageError)
        throw new UsageError(`${flagName(key)}: ${error.message}.`, error.remedy);
      throw error;
    }
  });
  return Object.fromEntries(values) as FlagValues<F>;
}

/** As it is written: --base-dim. */
export function flagName(key: string): string {
  return `--${kebabCase(key)}`;
}

export function commandHelp({ name, summary, usage, flags }: CommandSpec<Flags>): string {
  const lines = Object.entries(flags).map(([key, flag]) => {
    const spellings = [key, ...(flag.aliases ?? [])].map((spelling) => `--${kebabCase(spelling)}`).join(', ');
    return `  ${spellings}${flag.placeholder === null ? '' : ` ${flag.placeholder}`}\n      ${flag.help}`;
  });
  return `${summary}\n\nUsage: dimmer ${name} ${usage}\n\n${lines.join('\n')}\n`;
}

/** baseDim as base-dim. */
export function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const names = Object.keys(settingTable) as (keyof Settings)[];

/** The settings among the flags, the rest at their defaults. */
export function givenSettings(flags: Readonly<Partial<Record<keyof Settings, unknown>>>): Settings {
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return { ...defaultSettings, ...(Object.fromEntries(given) as Partial<Settings>) };
}
