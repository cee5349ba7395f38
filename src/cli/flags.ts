import { parseArgs } from 'node:util';
import { describeAllowed, parseSetting } from '../settings/parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from '../settings/settings.ts';
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
  return { placeholder, help, parse: (text) => text };
}

/** May be given several times. */
export function textsFlag(placeholder: string, help: string): Flag<readonly string[]> {
  return { placeholder, help, parse: (text) => [text], join: (before, next) => [...before, ...next] };
}

export function switchFlag(help: string): Flag<true> {
  return { placeholder: null, help, parse: () => true };
}

/** Whole number of at least `min`. */
export function countFlag(placeholder: string, help: string, min = 1): Flag<number> {
  const parse = (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && Number.isSafeInteger(value))) {
      throw new UsageError(`“${text}” is not a whole number of at least ${min}`, `Give one, as ${min + 1}.`);
    }
    return value;
  };
  return { placeholder, help, parse };
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

function settingFlag<K extends keyof Settings>(name: K): Flag<Settings[K]> {
  const setting = settingTable[name];
  const { help, default: fallback } = setting;
  const unset = ('unset' in setting && setting.unset) || 'chosen for the data';
  return {
    placeholder: setting.type === 'choice' ? setting.choices.map((c) => c.value).join('|') : 'N',
    help: `${help} Default: ${fallback ?? unset}. Allowed: ${describeAllowed(setting)}.`,
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
  const values: Record<string, unknown> = {};
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
    const flag: Flag<unknown> = flags[name];
    const isRepeated = name in values;
    if (isRepeated && !flag.join)
      throw new UsageError(`${token.rawName} is given twice.`, 'Leave one of them out.');
    const value = readValue(flag, token.rawName, token.value, seeHelp);
    values[name] = isRepeated ? flag.join?.(values[name], value) : value;
  }
  return values as FlagValues<F>;
}

function readValue(
  flag: Flag<unknown>,
  rawName: string,
  value: string | undefined,
  seeHelp: string,
): unknown {
  if (flag.placeholder === null) {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value.`, `Write ${rawName} alone.`);
    return flag.parse('');
  }
  if (value === undefined || value.startsWith('--')) {
    throw new UsageError(`${rawName} needs a value: ${flag.placeholder}.`, seeHelp);
  }
  try {
    return flag.parse(value);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${rawName}: ${error.message}.`, error.remedy);
    throw error;
  }
}

export function commandHelp({ name, summary, usage, flags }: CommandSpec<Flags>): string {
  const lines = Object.entries(flags).map(([key, flag]) => {
    const spellings = [key, ...(flag.aliases ?? [])].map((spelling) => `--${kebabCase(spelling)}`).join(', ');
    return `  ${spellings}${flag.placeholder === null ? '' : ` ${flag.placeholder}`}\n      ${flag.help}`;
  });
  return `${summary}\n\nUsage: dimmer ${name} ${usage}\n\n${lines.join('\n')}\n`;
}

function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

const names = Object.keys(settingTable) as (keyof Settings)[];

/** The settings among the flags, the rest at their defaults. */
export function givenSettings(flags: Readonly<Partial<Record<keyof Settings, unknown>>>): Settings {
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return { ...defaultSettings, ...(Object.fromEntries(given) as Partial<Settings>) };
}
