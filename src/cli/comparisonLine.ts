import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { defaultSettings, type Settings, settingTable } from '../settings/settings.ts';
import { excerpt } from '../validation/excerpt.ts';
import { parseJson } from '../validation/json.ts';
import { checkShape, count, finite } from '../validation/shape.ts';
import type { resultLine } from './trainReport.ts';

/** The line of `train`, the budget as it was asked for, and the name of the run in a result file. */
export type ComparisonLine = ReturnType<typeof resultLine> & {
  readonly askedBudget: string;
  /** Of a search: the step from which this training went on. */
  readonly fromStep?: number;
  /** Of the data set: see fingerprintOf. Lines of earlier versions have none. */
  readonly fingerprint?: string;
  readonly key: string;
};

const size = v.pipe(finite, v.minValue(0, 'a number from 0'));
const text = v.string();
/** null: it does not exist, as the AUC of one class. */
const metrics = v.record(text, v.nullable(finite));

/** What the table is made of is checked in full; what is only handed on, as far as its type. */
const lineShape = v.strictObject({
  event: v.literal('result'),
  method: text,
  alpha: finite,
  budget: count,
  parameters: size,
  trainedParameters: v.optional(size),
  stored: v.optional(v.object({ nonZeros: v.optional(count), parameters: size })),
  embeddingParameters: size,
  projectionParameters: size,
  otherParameters: size,
  baseDim: size,
  dims: v.array(size),
  bytes: v.record(text, size),
  askedBytes: size,
  peakBytes: size,
  trainingBytes: size,
  exactTrainingBytes: v.optional(size),
  train: v.optional(metrics),
  validation: v.optional(metrics),
  test: v.optional(metrics),
  testIntervals: v.optional(v.record(text, v.unknown())),
  testReport: v.optional(v.record(text, v.unknown())),
  floatMetrics: v.optional(v.record(text, metrics)),
  reason: v.picklist(['completed', 'early-stopped', 'diverged', 'stopped']),
  message: v.optional(text),
  stages: v.optional(v.array(v.unknown())),
  bestStep: count,
  steps: count,
  msPerStep: size,
  seconds: size,
  backend: v.picklist(['cpu', 'webgpu']),
  adapter: text,
  trainedOn: v.optional(v.array(v.unknown())),
  seed: count,
  data: text,
  task: v.picklist(['click', 'rating', 'ranking']),
  settings: v.record(text, v.unknown()),
  askedBudget: text,
  fromStep: v.optional(count),
  fingerprint: v.optional(text),
  key: v.pipe(text, v.regex(/^[0-9a-f]{16}$/, '16 hexadecimal digits')),
  check: v.optional(text),
});

/** A line that cannot be used: what is wrong with it, to follow "line 3". */
interface BadLine {
  readonly problem: string;
}

class LineError extends Error {}

/** The text of a line, without a line break. Its last entry is a checksum of the others. */
export function formatLine(line: ComparisonLine): string {
  return JSON.stringify({ ...line, check: checksumOf(line) });
}

/** Reads what formatLine wrote, or an earlier version, which gave no checksum. */
export function parseLine(text: string): ComparisonLine | BadLine {
  try {
    const value = parseJson(text, (problem) => new LineError(`is cut off or damaged: ${problem}`));
    const { check, ...line } = checkShape(lineShape, value, unreadable);
    // In the order of the file, in which it was counted and is printed again.
    const { check: _, ...own } = value as typeof line & { readonly check?: string };
    if (check !== undefined && check !== checksumOf(own))
      throw new LineError('was changed after it was written: its checksum is another');
    const settings = fillSettings(line.settings);
    for (const name of ['method', 'budget', 'seed'] as const)
      if (settings[name] !== line[name]) throw unreadable(`settings.${name} is not ${line[name]}`);
    return { ...own, settings } as unknown as ComparisonLine;
  } catch (error) {
    if (error instanceof LineError) return { problem: error.message };
    throw error;
  }
}

function unreadable(problem: string): LineError {
  return new LineError(`is no result that this version can read: ${problem}`);
}

/** Settings that an earlier version did not have are at their defaults. Throws LineError. */
function fillSettings(given: Readonly<Record<string, unknown>>): Settings {
  for (const [name, value] of Object.entries(given))
    if (!takes(name, value))
      throw unreadable(`settings.${excerpt(name)} is ${excerpt(JSON.stringify(value))}`);
  return { ...defaultSettings, ...given };
}

/** By its type alone: what was left to the data may have come to a value that nobody may ask for. */
function takes(name: string, value: unknown): boolean {
  if (!Object.hasOwn(settingTable, name)) return false;
  const setting = settingTable[name as keyof Settings];
  if (value === null) return 'optional' in setting && setting.optional && name !== 'budget';
  if (setting.type === 'number') return Number.isFinite(value);
  if (typeof value !== 'string') return false;
  return setting.type !== 'choice' || setting.choices.some((choice) => choice.value === value);
}

function checksumOf(line: object): string {
  return createHash('sha256').update(JSON.stringify(line)).digest('hex').slice(0, 16);
}
