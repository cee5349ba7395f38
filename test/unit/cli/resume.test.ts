import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Checkpoint, CheckpointKeeper } from '../../../src/training/checkpoint/checkpoint.ts';
import { dimmer, type Outcome } from '../../support/dimmer.ts';

const stop = vi.hoisted(() => ({ after: Infinity }));

/** Decides by steps instead of by the clock. */
class StoppingKeeper implements CheckpointKeeper {
  readonly #write: (checkpoint: Checkpoint) => Promise<void>;
  #writing = Promise.resolve();

  constructor(_everyMs: number, write: (checkpoint: Checkpoint) => Promise<void>) {
    this.#write = write;
  }

  isDue(step: number): boolean {
    return step >= stop.after;
  }

  keep(checkpoint: Checkpoint): void {
    this.#writing = this.#writing.then(() => this.#write(checkpoint));
    if (!this.isDue(checkpoint.position.step)) return;
    stop.after = Infinity;
    process.emit('SIGTERM', 'SIGTERM');
  }

  settled(): Promise<void> {
    return this.#writing;
  }
}

vi.mock('../../../src/training/checkpoint/pacedKeeper.ts', () => ({ PacedKeeper: StoppingKeeper }));

let root = '';
let folder = '';
let ratings = '';
let tests = 0;
const at = (name: string): string => join(folder, name);

/** 3,000 ratings in the format of u.data: 40 users, 60 items. */
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dimmer-'));
  ratings = join(root, 'u.data');
  const lines = Array.from({ length: 3000 }, (_, i) => {
    const [user, item] = [i % 40, (i * 7) % 61];
    return `${user + 1}\t${item + 1}\t${1 + ((user + item) % 5)}\t${880000000 + i}`;
  });
  writeFileSync(ratings, `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of its own for every test. */
function enter(): void {
  folder = join(root, String(tests++));
  mkdirSync(folder);
}

/** Long enough for several checkpoints. */
const long = ['--epochs', '60', '--batch', '100', '--patience', '0', '--evaluate-every', '9'];
const train = (...args: string[]): Promise<Outcome> => dimmer(['train', ...args]);
const started = (...args: string[]): string[] => ['train', '--data', ratings, ...long, ...args];

/** Starts or resumes a command, which keeps a checkpoint after this step and is stopped there by a signal. */
function stopAfter(step: number, ...args: readonly string[]): Promise<Outcome> {
  stop.after = step;
  return dimmer(args);
}

interface Result {
  readonly reason: string;
  readonly steps: number;
}

/** The JSON lines of a command, without what is measured in time or tells of the interruption. */
function linesOf({ stdout }: Outcome): readonly Record<string, unknown>[] {
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => {
    const { msPerStep: _, seconds: _s, trainedOn: _t, ...rest } = JSON.parse(line);
    return rest as Record<string, unknown>;
  });
}

const resultOf = (outcome: Outcome): Result => linesOf(outcome).at(-1) as unknown as Result;

describe('train --resume', () => {
  test.each([
    ['a run', ['--method', 'mixed-dimension', '--budget', '500']],
    ['a pruned run', ['--method', 'prune', '--budget', '1k']],
    ['a run by --dim', ['--method', 'uniform', '--dim', '6']],
    [
      'a run that changes its size',
      ['--method', 'uniform', '--budget', '600', '--resize-at', '300:400,900:1k,1400:0.7k'],
    ],
    [
      'a run that is compressed',
      ['--method', 'full', '--vector-dim', '8', '--compress-to', '0.9k,650', '--fine-tune-steps', '4'],
    ],
    ['a spectral run', ['--method', 'mixed-dimension', '--budget', '500', '--allocation', 'spectral']],
  ])('ends %s with the numbers and weights of one that was never stopped', async (_, flags) => {
    enter();
    const whole = await dimmer(started(...flags, '--save', at('whole')));
    expect(whole.code).toBe(0);
    const stopped = await stopAfter(500, ...started(...flags, '--save', at('run')));
    expect([stopped.code, resultOf(stopped).reason]).toEqual([0, 'stopped']);
    expect(stopped.stderr).toMatch(/from step 5\d\d: dimmer train --resume .*run/);
    const again = await stopAfter(1000, 'train', '--resume', at('run'));
    expect(resultOf(again).reason).toBe('stopped');
    expect(again.stdout).toMatch(/^resumed +step +5\d\d/);
    const ended = await train('--resume', at('run'));
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^resumed +step +1[01]\d\d/);
    expect(linesOf(ended)).toEqual(linesOf(whole));
    expect(readFileSync(at('run')).equals(readFileSync(at('whole')))).toBe(true);
    expect(readdirSync(folder).toSorted()).toEqual(['run', 'whole']);
  });

  test('goes on after files were moved, elsewhere, and says when nothing is left', async () => {
    enter();
    const data = at('u.data');
    cpSync(ratings, data);
    mkdirSync(at('a'));
    await stopAfter(40, 'train', '--data', data, ...long, '--save', at('a/run'));
    expect(readdirSync(at('a')).toSorted()).toEqual(['run', 'run.checkpoint-1']);
    for (const each of readdirSync(at('a'))) cpSync(at(`a/${each}`), at(each));
    rmSync(at('a'), { recursive: true });
    rmSync(data);
    const lost = await train('--resume', at('run'));
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringMatching(/There is no file .*u\.data/)]);
    const { code, stdout } = await train('--resume', at('run'), '--data', ratings, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout.split('\n')[0])).toMatchObject({ event: 'resumed', totalSteps: 1440 });
    expect(readdirSync(folder)).toEqual(['run']);
    const ended = await train('--resume', at('run'));
    expect(ended).toEqual({ code: 0, stdout: '', stderr: expect.stringMatching(/has ended/) });
  });

  test('needs no --save: --checkpoint says where', async () => {
    enter();
    const stopped = await stopAfter(40, ...started('--checkpoint', at('kept')));
    expect(stopped.stderr).toContain(`--resume ${at('kept')}`);
    const ended = await train('--resume', at('kept'));
    expect(resultOf(ended)).toMatchObject({ reason: 'completed', steps: 1440 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes the other checkpoint where one is damaged, and says so', async () => {
    enter();
    await stopAfter(40, ...started('--save', at('run')));
    await stopAfter(80, 'train', '--resume', at('run'));
    const two = [1, 2].map((i) => at(`run.checkpoint-${i}`));
    const bytes = readFileSync(two[1]);
    bytes[bytes.length - 9] ^= 1;
    writeFileSync(two[1], bytes);
    const stopped = await stopAfter(120, 'train', '--resume', at('run'));
    expect(stopped.stderr).toContain(`${two[1]} is of no use`);
    expect(stopped.stdout).toMatch(/^resumed +step +4\d /);
    expect(stopped.stderr).toMatch(/from step 12\d/);
    for (const path of two) writeFileSync(path, 'nothing');
    const none = await train('--resume', at('run'));
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('No checkpoint of')]);
  });

  test('is refused for other data, other settings, and where no run was', async () => {
    enter();
    await stopAfter(40, ...started('--save', at('run')));
    const text = readFileSync(ratings, 'utf8');
    writeFileSync(at('other'), text.replace('1\t1\t1\t', '1\t1\t2\t'));
    const cases = [
      [['--resume', at('run'), '--data', at('other')], /other holds other examples/],
      [['--resume', at('run'), '--epochs', '70'], /--epochs cannot be given with --resume/],
      [['--resume', at('nothing')], /There is no checkpoint of .*nothing/],
      [['--resume', ''], /--resume: nothing is given/],
      [['--data', ratings, '--save', at('run')], /of a run that has not ended[^]*--resume/],
    ] as const;
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await train(...args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(message);
    }
  });
});

describe('train', () => {
  test('refuses two processes for one file', async () => {
    enter();
    writeFileSync(`${at('run')}.checkpoint.lock-${process.ppid}-0-another.machine`, '');
    const { code, stderr } = await train('--data', ratings, '--save', at('run'));
    expect([code, stderr]).toEqual([2, expect.stringContaining('Another process is training')]);
  });

  test.each([
    ['a step after the end', ['--resize-at', '99999:1k'], /--resize-at 99999:1000: the run has 1440 steps/],
    ['a budget that is too small', ['--resize-at', '10:50'], /--resize-at 10:50: .*too small/],
    ['a budget that no run may have', ['--resize-at', '10:1e30'], /Memory budget/],
    ['two sizes for one step', ['--resize-at', '10:1k,10:2k'], /two budgets are given for step 10/],
    ['no step', ['--resize-at', '1k'], /--resize-at: “1k” is not of that form/],
    [
      'a run that cannot change its size',
      ['--method', 'hashing', '--budget', '1k', '--resize-at', '9:500'],
      /cannot change its size/,
    ],
    ['an empty --save', ['--save', ''], /--save: nothing is given/],
    ['an empty --data', ['--data', ''], /--data/],
    ['an endless --fine-tune-steps', ['--fine-tune-steps', '9'.repeat(15)], /from 1 to 1000000000/],
    ['seconds that are none', ['--checkpoint-every', 'soon'], /--checkpoint-every: “soon”/],
  ])('refuses %s before it trains', async (_, flags, message) => {
    const data = flags.includes('--data') ? [] : ['--data', ratings];
    const { code, stdout, stderr } = await train(...data, ...long, ...flags);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('takes for --resize-at and --compress-to what --budget takes', async () => {
    const flags = [
      '--method',
      'uniform',
      '--budget',
      '1k',
      '--resize-at',
      '10:0.6k',
      '--compress-to',
      '0.5k',
    ];
    const { code, stdout } = await train('--data', ratings, '--epochs', '1', '--batch', '100', ...flags);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^resized +step +10/m);
    expect(stdout).toContain('"budget":500,');
  });

  test('says which resizes a run ended before', async () => {
    const flags = ['--patience', '1', '--resize-at', '1430:300', '--lr', '5'];
    const { stderr } = await train('--data', ratings, ...long.slice(0, 4), '--evaluate-every', '9', ...flags);
    expect(stderr).toMatch(/The run ended after step \d+, before --resize-at 1430:300/);
  });
});
