import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBudgets } from '../../../src/comparison/askedBudgets.ts';
import {
  formatSetting,
  parseLayers,
  parseSetting,
  readFieldMethods,
  SettingError,
  writeFieldMethods,
} from '../../../src/settings/parseSetting.ts';
import type { Setting } from '../../../src/settings/setting.ts';
import { defaultSettings, type Settings, settingTable } from '../../../src/settings/settings.ts';
import {
  decodeSettings,
  encodeSettings,
  validateRunSettings,
  validateSettings,
} from '../../../src/settings/settingsCodec.ts';

const names = Object.keys(settingTable) as (keyof Settings)[];

function valueOf(setting: Setting): fc.Arbitrary<unknown> {
  if (setting.type === 'field-methods') {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 4 });
    const method = fc.constantFrom('full' as const, 'hashing' as const);
    return names.chain((own) =>
      fc
        .array(method, { minLength: own.length, maxLength: own.length })
        .map((chosen) => writeFieldMethods(new Map(own.map((name, i) => [name, chosen[i]])))),
    );
  }
  if (setting.type === 'layers') {
    return fc.array(fc.integer({ min: 1, max: 8192 }), { maxLength: 8 }).map((widths) => widths.join('-'));
  }
  if (setting.type === 'names')
    return fc.array(fc.constantFrom('top.0', 'bottom.12', 'embedding')).map((own) => own.join(','));
  const { optional } = setting;
  if (setting.type === 'choice') {
    const choices = fc.constantFrom(...setting.choices.map(({ value }) => value));
    return optional ? fc.option(choices) : choices;
  }
  const { min, max, integer } = setting;
  const numbers = integer
    ? fc.maxSafeInteger().map((x) => min + (Math.abs(x) % (max - min + 1)))
    : fc.double({ min, max, noNaN: true });
  return optional ? fc.option(numbers) : numbers;
}

const anySettings = fc.record(
  Object.fromEntries(names.map((name) => [name, valueOf(settingTable[name])])),
) as unknown as fc.Arbitrary<Settings>;

describe('the setting table', () => {
  it('has defaults that it allows itself', () => {
    expect(validateSettings(defaultSettings)).toEqual({ settings: defaultSettings, errors: [], unknown: [] });
  });

  it('gives every setting its own key', () => {
    expect(new Set(names.map((name) => settingTable[name].key)).size).toBe(names.length);
  });
});

describe('methods of fields', () => {
  const ids = new Set(['full', 'robe']);

  it('are read back whatever the names of the fields are', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, unit: 'grapheme' }), { maxLength: 5 });
    fc.assert(
      fc.property(names, (own) => {
        const methods = new Map(own.map((name, i) => [name, i % 2 ? ('full' as const) : ('robe' as const)]));
        expect(readFieldMethods(writeFieldMethods(methods), ids)).toEqual(methods);
      }),
    );
  });

  it.each(['C3', 'C3=', '=full', 'C3=magic', 'C3=full,C3=robe', '%E0=full'])('refuse “%s”', (text) => {
    expect(readFieldMethods(text, ids)).toBeUndefined();
  });
});

describe('parseSetting', () => {
  it('reads back every value that formatSetting writes', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        for (const name of names) {
          expect(parseSetting(name, formatSetting(settings[name]))).toBe(settings[name]);
        }
      }),
    );
  });

  it.each([
    ['67.5M', 67_500_000],
    ['42k', 42_000],
    ['42K', 42_000],
    ['1.2G', 1_200_000_000],
    ['4.35M', 4_350_000],
    ['42,000', 42_000],
    ['42 000', 42_000],
    [' 42_000 ', 42_000],
    ['1e6', 1_000_000],
    ['auto', null],
  ])('reads a budget of %s', (text, budget) => {
    expect(parseSetting('budget', text)).toBe(budget);
  });

  it.each([
    ['budget', '4.2'],
    ['budget', '1.2345k'],
    ['budget', '15'],
    ['budget', '5G'],
    ['budget', '42m'],
    ['budget', '42,00'],
    ['budget', ''],
    ['alpha', '-0.1'],
    ['alpha', '1.01'],
    ['alpha', '0,3'],
    ['alpha', 'NaN'],
    ['alpha', 'auto'],
    ['blocks', '17'],
    ['seed', '0x10'],
    ['method', 'Uniform'],
    ['topMlp', '64-'],
    ['topMlp', '64-0'],
    ['topMlp', '1-1-1-1-1-1-1-1-1'],
  ] as const)('refuses %s = %j', (name, text) => {
    expect(() => parseSetting(name, text)).toThrow(SettingError);
  });

  it('names setting, value and what is allowed', () => {
    const error = refusal('alpha', '7');
    expect(error.message).toBe('Temperature α (alpha) cannot be 7.');
    expect(error.remedy).toBe('Give a number from 0 to 1.');
    expect(refusal('combine', 'magic').remedy).toBe('Give one of multiply, add, concatenate.');
    expect(refusal('batch', 'many').remedy).toBe('Give a whole number from 1 to 65536, or auto.');
  });
});

describe('parseLayers', () => {
  it.each([
    ['64', 64],
    ['64MB', 64],
    ['1.5 GB', 1500],
    ['512kB', 0.512],
    ['0.25 mb', 0.25],
    ['none', null],
    ['auto', null],
  ])('reads %j of training memory', (text, megabytes) => {
    expect(parseSetting('trainMemory', text)).toBe(megabytes);
  });

  it.each(['', 'MB', '64 TB', '-1 MB', '0', '64 MiB'])('refuses %j of training memory', (text) => {
    expect(() => parseSetting('trainMemory', text)).toThrow(SettingError);
    expect(() => parseSetting('alpha', '0.3 MB')).toThrow(SettingError);
  });

  it('reads hidden widths, or none', () => {
    expect(parseLayers('bottomMlp', '512-256-64')).toEqual([512, 256, 64]);
    expect(parseLayers('topMlp', '')).toEqual([]);
  });
});

describe('settings in a link', () => {
  it('come back as they were, for any settings, other keys notwithstanding', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const link = new URLSearchParams(encodeSettings(settings).toString());
        link.set('sample', 'clicks');
        expect(decodeSettings(link)).toEqual({ settings, errors: [], unknown: ['sample'] });
      }),
    );
  });

  it('are left out where they are defaults', () => {
    expect(encodeSettings(defaultSettings).toString()).toBe('');
    expect(encodeSettings({ ...defaultSettings, alpha: 0.2, budget: 42_000 }).toString()).toBe(
      'a=0.2&b=42000',
    );
  });

  it('cannot get around the limits: what is not allowed becomes the default and is told', () => {
    const { settings, errors } = decodeSettings(new URLSearchParams('a=9&n=1e99&m=magic&k=8'));
    expect(settings).toEqual({ ...defaultSettings, blocks: 8 });
    expect(errors.map(({ setting }) => setting)).toEqual(['method', 'alpha', 'batch']);
  });

  it('are refused where they are given twice, unless as the same', () => {
    const { settings, errors } = decodeSettings(new URLSearchParams('a=0.1&k=8&a=0.2&k=8'));
    expect(settings).toEqual({ ...defaultSettings, blocks: 8 });
    expect(errors.map(({ message }) => message)).toEqual(['Temperature α (alpha) cannot be “0.1 and 0.2”.']);
  });

  it('never break, whatever they say', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), fc.string(), (query, text) => {
        const link = new URLSearchParams(query);
        link.set('a', text);
        expect(validateSettings(decodeSettings(link).settings).errors).toEqual([]);
      }),
    );
  });
});

describe('settings from storage', () => {
  it('keep what is usable and replace the rest', () => {
    const stored = { alpha: 0.5, batch: '512', seed: Number.NaN, model: null, gone: 1 };
    const { settings, errors, unknown } = validateSettings(stored);
    expect(settings).toEqual({ ...defaultSettings, alpha: 0.5 });
    expect(errors.map(({ setting }) => setting)).toEqual(['batch', 'seed']);
    expect(unknown).toEqual(['gone']);
  });

  it.each([null, undefined, 7, 'alpha', [0.5], { __proto__: { alpha: 0.5 } }])(
    'are defaults for %s',
    (stored) => {
      expect(validateSettings(stored)).toMatchObject({ settings: defaultSettings, errors: [] });
    },
  );
});

describe('settings that a run was trained with', () => {
  it('may be beyond what can be asked for, where data decide them, and nowhere else', () => {
    const decided = { budget: 12, learningRate: 2e-8, warmupSteps: 5e6, evaluateEvery: 2e6, l2: 26 };
    expect(validateSettings(decided).errors).toHaveLength(5);
    expect(validateRunSettings(decided)).toEqual({
      settings: { ...defaultSettings, ...decided },
      errors: [],
      unknown: [],
    });
    const wrong = {
      budget: 12.5,
      learningRate: Infinity,
      warmupSteps: -1,
      evaluateEvery: '8',
      l2: Number.NaN,
    };
    expect(validateRunSettings({ ...wrong, rank: 5000, batch: 0 }).errors).toHaveLength(7);
  });
});

describe('an input of 60,000 characters', () => {
  const long = 60_000;
  const inputs = ['1', '1.', ',111', '-1', '1-', 'a=full,', '=', '%', ' ', '1e', '.', 'M', '1/'].flatMap(
    (part) => {
      const text = part.repeat(Math.ceil(long / part.length));
      return [text, `${text}x`, `1${text}x`, `x${text}`];
    },
  );

  /** The least of three, because other programs take time too. */
  function leastMs(work: () => void): number {
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now();
      work();
      return performance.now() - start;
    });
    return Math.min(...times);
  }

  it.each(names)('to %s is read or refused within 50 ms, by an error of few characters', (name) => {
    for (const text of inputs) {
      let message = '';
      const read = (): void => {
        try {
          parseSetting(name, text);
        } catch (error) {
          expect(error).toBeInstanceOf(SettingError);
          ({ message } = error as SettingError);
        }
      };
      expect(leastMs(read)).toBeLessThan(50);
      expect(message.length).toBeLessThan(200);
    }
  });

  it('in a link or a list of budgets is read or refused within 50 ms', () => {
    for (const text of inputs) {
      for (const name of names) {
        const link = new URLSearchParams({ [settingTable[name].key]: text });
        expect(leastMs(() => decodeSettings(link))).toBeLessThan(50);
      }
      const budgets = (): void => void expect(() => parseBudgets(`${text}x`)).toThrow(SettingError);
      expect(leastMs(budgets)).toBeLessThan(50);
    }
  });
});

function refusal(name: keyof Settings, text: string): SettingError {
  try {
    parseSetting(name, text);
  } catch (error) {
    if (error instanceof SettingError) return error;
  }
  throw new Error(`${name} = ${text} was not refused`);
}
