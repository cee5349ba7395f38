import { type AskedBudget, FULL_DIM, parseBudgets } from '../comparison/askedBudgets.ts';
import {
  type AxisName,
  axisNames,
  parseAxis,
  separatorOf,
  type SettingAxis,
} from '../comparison/settingAxes.ts';
import { methods as registry } from '../compression/methods.ts';
import { type MethodId, type Settings, settingTable } from '../settings/settings.ts';
import { countFlag, type Flag, flagName, kebabCase, settingFlags, switchFlag, textFlag } from './flags.ts';
import { nearest, UsageError } from './usage.ts';

const everyMethod = Object.keys(registry) as MethodId[];

const methods: Flag<readonly MethodId[]> = {
  placeholder: 'M,M,…',
  help: `Methods to compare, or all. Allowed: ${everyMethod.join(', ')}.`,
  parse: (text) =>
    text.trim() === 'all'
      ? everyMethod
      : text.split(',').map((cell) => {
          const method = everyMethod.find((id) => id === cell.trim());
          if (method) return method;
          throw new UsageError(`“${cell}” is no method`, `Give some of ${everyMethod.join(', ')}, or all.`);
        }),
};

const budgets: Flag<readonly AskedBudget[]> = {
  placeholder: 'N,N,…',
  help: `Budgets: parameters, as 10k,40k, or shares of the uncompressed model at d = ${FULL_DIM}, as 1/4,1/16.`,
  parse: parseBudgets,
};

const sweep: Flag<readonly SettingAxis[]> = {
  placeholder: 'SETTING=V,V,…',
  help:
    'Values of any setting, as alpha=0,0.2,0.4 or learning-rate=0.001,auto: all combinations. May be given several times. ' +
    'Lists of names have “;” between them.',
  parse: (text) => {
    const at = text.indexOf('=');
    if (at < 0)
      throw new UsageError(`“${text}” has no “=”`, 'Give a setting and its values, as alpha=0,0.2.');
    const name = text.slice(0, at).trim();
    const axis = axisNames.find((each) => each === name || spellings(each).includes(name));
    if (axis) return [parseAxis(axis, text.slice(at + 1))];
    throw new UsageError(`“${name}” is no setting that can be swept`, adviceFor(name));
  },
  join: (before, next) => {
    const twice = before.find(({ name }) => name === next[0].name);
    if (twice)
      throw new UsageError(
        `${twice.name} is given twice`,
        `Give all its values at once, with “${separatorOf(twice.name)}” between them.`,
      );
    return [...before, ...next];
  },
};

function spellings(name: AxisName): readonly string[] {
  return [kebabCase(name), ...(name === 'learningRate' ? ['lr'] : [])];
}

function adviceFor(name: string): string {
  if (name === 'method' || name === 'budget') return `Give ${name}s by --${name}s.`;
  if (name === 'seed') return 'Give the number of seeds by --seeds, and the first by --seed.';
  if (name === 'backend') return 'Give --backend: all runs are on one.';
  if (name === 'minCount' || name === 'min-count')
    return 'It makes another data set: start a command for each --min-count, with one --out.';
  const meant = nearest(name, axisNames.flatMap(spellings));
  return meant ? `Did you mean ${meant}?` : `Give one of ${axisNames.map(kebabCase).join(', ')}.`;
}

const shared = (Object.keys(settingTable) as (keyof Settings)[]).filter(
  (name): name is Exclude<keyof Settings, 'method' | 'budget'> => name !== 'method' && name !== 'budget',
);

/** The flags of every command that trains many runs. */
export const comparisonFlags = {
  methods,
  budgets,
  sweep,
  seeds: countFlag('N', 'Seeds of each, counted up from --seed. Default: 1.', [1, 10_000]),
  out: textFlag(
    'FILE',
    'Appends the lines there; runs that it already holds are not trained again, and commands with the same FILE share the others.',
  ),
  jobs: countFlag(
    'N',
    'Processes that train side by side on the CPU, this one among them. Default: 1.',
    [1, 256],
  ),
  markdown: switchFlag('The table as Markdown.'),
  json: switchFlag('Lines of JSON alone, which stdout always is: no table.'),
  ...settingFlags(shared),
} as const;

/** Throws UsageError for flags that are missing, or that contradict each other. */
export function requireChoices<
  V extends {
    readonly methods?: readonly MethodId[];
    readonly budgets?: readonly AskedBudget[];
    readonly sweep?: readonly SettingAxis[];
    readonly jobs?: number;
    readonly backend?: Settings['backend'];
  },
>(flags: V): V & { readonly methods: readonly MethodId[]; readonly budgets: readonly AskedBudget[] } {
  const { methods, budgets, sweep: axes = [], jobs = 1, backend } = flags;
  if (!methods) throw new UsageError('--methods is missing.', 'Give the methods to compare, or all.');
  if (!budgets) throw new UsageError('--budgets is missing.', 'Give some, as 10k,40k or 1/4,1/16.');
  const twice = axes.find(({ name }) => flags[name as keyof V] !== undefined);
  if (twice)
    throw new UsageError(
      `${flagName(twice.name)} and --sweep ${kebabCase(twice.name)}=… are both given.`,
      'Leave one of them out.',
    );
  if (jobs > 1 && backend === 'webgpu')
    throw new UsageError('--jobs is for the CPU: a GPU has one run at a time.', 'Leave --jobs out.');
  return { ...flags, methods, budgets };
}
