import { describe, expect, it } from 'vitest';
import { HelpRequest, UsageError } from '../../../src/cli/usage.ts';
import {
  choiceFlag,
  commandHelp,
  type CommandSpec,
  countFlag,
  type Flags,
  parseFlags,
  settingFlags,
  switchFlag,
  textFlag,
} from '../../../src/cli/flags.ts';
import { SettingError } from '../../../src/settings/parseSetting.ts';

const command = {
  name: 'try',
  summary: 'Tries.',
  usage: '--data FILE',
  flags: {
    data: textFlag('FILE', 'The file.'),
    json: switchFlag('JSON lines.'),
    baseDim: countFlag('D', 'The dim.', [1, 4096]),
    format: choiceFlag(['criteo', 'avazu'], 'The format.'),
    ...settingFlags(['alpha', 'budget', 'learningRate', 'model', 'topMlp']),
  },
} satisfies CommandSpec<Flags>;

const parse = (...args: string[]) => parseFlags(args, command);

function usageError(...args: string[]): UsageError {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('parseFlags', () => {
  it('reads every kind of flag', () => {
    expect(
      parse('--data', 'a b.tsv', '--json', '--base-dim=16', '--format', 'avazu', '--alpha', '.2'),
    ).toEqual({
      data: 'a b.tsv',
      json: true,
      baseDim: 16,
      format: 'avazu',
      alpha: 0.2,
    });
  });

  it('leaves out what was not given', () => {
    expect(parse()).toEqual({});
  });

  it('reads budgets with suffixes, --lr for the learning rate, and auto', () => {
    expect(parse('--budget', '67.5M', '--lr', '5e-3', '--model', 'auto')).toEqual({
      budget: 67_500_000,
      learningRate: 0.005,
      model: null,
    });
    expect(parse('--learning-rate', '0.1')).toEqual({ learningRate: 0.1 });
  });

  it('suggests the flag that was meant', () => {
    expect(usageError('--alhpa', '1').remedy).toBe('Did you mean --alpha?');
    expect(usageError('--base', '1').remedy).toBe('Did you mean --base-dim?');
    expect(usageError('--qqqqqqqq').remedy).toContain('dimmer try --help');
  });

  it('does not take the next flag for a value', () => {
    expect(usageError('--data', '--json').message).toBe('--data needs a value: FILE.');
    expect(usageError('--data').message).toContain('needs a value');
  });

  it('refuses stray words, repetition, values of switches and choices that do not exist', () => {
    expect(usageError('file.tsv').message).toContain('“file.tsv”');
    expect(usageError('--alpha', '0', '--alpha', '1').message).toContain('twice');
    expect(usageError('--json=yes').message).toContain('takes no value');
    expect(usageError('--format', 'parquet').remedy).toBe('Give one of criteo, avazu.');
    expect(usageError('--base-dim', '0').message).toContain('--base-dim');
  });

  it('keeps the limits of the setting table, negative numbers included', () => {
    expect(() => parse('--alpha', '1.5')).toThrow(SettingError);
    expect(() => parse('--alpha', '-0.1')).toThrow(SettingError);
    expect(() => parse('--top-mlp', '64-x')).toThrow(SettingError);
  });

  it('gives the help of every flag when asked', () => {
    expect(() => parse('--alpha', '0.1', '--help')).toThrow(HelpRequest);
    const help = commandHelp(command);
    for (const flag of ['--data FILE', '--json', '--base-dim D', '--learning-rate, --lr N', '--alpha N']) {
      expect(help).toContain(flag);
    }
    expect(help).toContain('from 0 to 1');
  });
});
