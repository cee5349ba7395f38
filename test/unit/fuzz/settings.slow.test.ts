import { expect, test } from 'vitest';
import { createPersistentStore, readLink } from '../../../src/app/preferences.ts';
import { parseBudgets } from '../../../src/comparison/askedBudgets.ts';
import { Random } from '../../../src/random/random.ts';
import {
  checkSetting,
  formatSetting,
  parseSetting,
  SettingError,
} from '../../../src/settings/parseSetting.ts';
import { defaultSettings, type Settings, settingTable } from '../../../src/settings/settings.ts';
import { decodeSettings, encodeSettings, validateSettings } from '../../../src/settings/settingsCodec.ts';
import { mutateJson, mutateText, pick } from '../../support/mutations.ts';

const names = Object.keys(settingTable) as (keyof Settings)[];

/** Settings of every type, away from their defaults. */
const settings: Settings = {
  ...defaultSettings,
  method: 'hashing',
  alpha: 0.45,
  budget: 42_000,
  trainMemory: 64,
  bottomMlp: '512-256-64',
  exactLayers: 'top.0,embedding',
  fieldMethods: 'C3=full,C%2C9=robe',
  learningRate: 0.003,
  activationBits: '8',
};
const texts = [
  '42,000',
  '4.35M',
  '67.5k',
  'auto',
  '64 MB',
  '1.5GB',
  '.5',
  '1e-3',
  '512-256',
  'none',
  'a=full,b=robe',
];

/** What it returns; undefined where a SettingError refused it. Fails for other errors and for taking long. */
function readOrRefuse<T>(read: () => T, what: string): T | undefined {
  const start = performance.now();
  try {
    return read();
  } catch (error) {
    expect(error, what).toBeInstanceOf(SettingError);
    expect((error as SettingError).message.length, what).toBeLessThan(200);
    expect((error as SettingError).remedy, what).toMatch(/^Give .*[.]$/);
    return undefined;
  } finally {
    expect(performance.now() - start, what).toBeLessThan(1000);
  }
}

test('of 10,000 mutated texts, those that are read as a setting are values that it can take', () => {
  const random = new Random(1, 'texts of settings');
  const known = [...texts, ...names.map((name) => formatSetting(settings[name]))];
  let read = 0;
  for (let i = 0; i < 10_000; i++) {
    const name = pick(random, names);
    const text = mutateText(random, pick(random, known));
    const value = readOrRefuse(() => parseSetting(name, text), `${name} ${i}`);
    readOrRefuse(() => parseBudgets(text), `budgets ${i}`);
    if (value === undefined) continue;
    read++;
    expect(checkSetting(name, value)).toBe(value);
    expect(parseSetting(name, formatSetting(value))).toBe(value);
  }
  expect(read).toBeGreaterThan(500);
});

test('of 10,000 mutated records of settings, what is kept is as it was or allowed, and the rest is named', () => {
  const random = new Random(1, 'records of settings');
  for (let i = 0; i < 10_000; i++) {
    const record = mutateJson(random, settings) as Partial<Record<keyof Settings, unknown>>;
    const { settings: kept, errors, unknown } = validateSettings(record);
    const expected: Record<string, unknown> = { ...defaultSettings };
    const others: string[] = [];
    for (const [name, value] of Object.entries(record))
      if (!Object.hasOwn(settingTable, name)) others.push(name);
      else if (!errors.some(({ setting }) => setting === name)) expected[name] = value;
    expect({ kept, unknown }).toEqual({ kept: expected, unknown: others });
    expect(validateSettings(kept).errors).toEqual([]);
  }
});

test('of 10,000 mutated links, every value is allowed, and what is not used is named in few words', () => {
  const random = new Random(1, 'links');
  const link = `${encodeSettings(settings)}&data=ratings`;
  let whole = 0;
  for (let i = 0; i < 10_000; i++) {
    const parameters = new URLSearchParams(mutateText(random, link));
    const start = performance.now();
    const { settings: read, problems } = readLink(parameters);
    expect(performance.now() - start, `link ${i}`).toBeLessThan(1000);
    for (const problem of problems) expect(problem.length).toBeLessThan(500);
    if (!read) continue;
    expect(validateSettings(read).errors).toEqual([]);
    expect(decodeSettings(encodeSettings(read)).settings).toEqual(read);
    if (problems.length === 0) {
      whole++;
      for (const [key, text] of parameters) {
        const name = names.find((own) => settingTable[own].key === key);
        if (name) expect(read[name]).toBe(parseSetting(name, text));
      }
    }
  }
  expect(whole).toBeGreaterThan(1000);
});

test('of 2,000 mutated stores of choices, the page opens with every one, and names what it does not use', () => {
  const random = new Random(1, 'stored choices');
  const { theme, metric, split, size, fieldOrder, sample, comparison, runView } = createPersistentStore(
    undefined,
    new URLSearchParams(),
  ).getState();
  const stored = {
    state: { settings, theme, metric, split, size, fieldOrder, sample, comparison, runView },
    version: 1,
  };
  for (let i = 0; i < 2000; i++) {
    const text =
      i % 2 ? mutateText(random, JSON.stringify(stored)) : JSON.stringify(mutateJson(random, stored));
    const storage = { getItem: () => text, setItem() {}, removeItem() {} } as unknown as Storage;
    const state = createPersistentStore(storage, new URLSearchParams()).getState();
    expect(validateSettings(state.settings).errors).toEqual([]);
    expect(['system', 'light', 'dark']).toContain(state.theme);
    expect(state.comparison.methods.every((method) => method.length > 0)).toBe(true);
    expect(state.notices.length).toBeLessThan(2);
    for (const { title } of state.notices) expect(title.length).toBeLessThan(400);
  }
});
