import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ended, startDimmer } from './processes.ts';

/** What a kill met, and what was wrong afterwards; nothing: []. */
export interface KillOutcome {
  /** Runs, or steps, that were kept when the process was killed; undefined: it had ended. */
  readonly kept: number | undefined;
  readonly faults: readonly string[];
}

/** A command that is killed again and again, in a folder of its own. */
export interface Victim {
  /** How long it takes undisturbed after its first line of output. */
  readonly wholeMs: number;
  /** Kills it so long after its first line, lets it go on to its end, and compares this with the end of an undisturbed one. */
  killAfter(ms: number): Promise<KillOutcome>;
}

const STEPS = '--batch 100 --patience 0';

/** 3,000 ratings in the format of u.data, in a small file that is read at once. */
function writeRatings(root: string): string {
  const path = join(root, 'u.data');
  const lines = Array.from(
    { length: 3000 },
    (_, i) => `${i % 40}\t${(i * 7) % 61}\t${1 + (((i % 40) + ((i * 7) % 61)) % 5)}\t${i}`,
  );
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** `train --save` and `train --resume`. */
export async function trainingVictim(program: string, root: string): Promise<Victim> {
  const flags = `--method mixed-dimension --budget 500 --epochs 120 ${STEPS} --checkpoint-every 0.05`;
  const run = ['train', '--data', writeRatings(root), ...flags.split(' ')];
  const whole = await undisturbed(program, [...run, '--save', join(root, 'whole')]);
  const weights = readFileSync(join(root, 'whole'));
  const [result] = resultsOf(whole.ended.stdout);
  return {
    wholeMs: whole.ms,
    async killAfter(ms) {
      const folder = freshFolder(root);
      const save = join(folder, 'run');
      await killed(program, [...run, '--save', save], ms);
      const kept = readdirSync(folder).filter((name) => /checkpoint-\d$/.test(name)).length;
      const faults: string[] = [];
      const isOver = kept === 0 && existsSync(save);
      const again = await startDimmer(
        program,
        kept > 0 || isOver ? ['train', '--resume', save] : [...run, '--save', save],
      ).ended;
      if (again.code !== 0) faults.push(`exit code ${again.code}: ${again.stderr}`);
      if (!isOver && resultsOf(again.stdout)[0] !== result) faults.push('the result is another');
      if (!existsSync(save) || !readFileSync(save).equals(weights)) faults.push('the weights are others');
      faults.push(...leftovers(folder, ['run']));
      return { kept: isOver ? undefined : kept, faults };
    },
  };
}

/** `compare --out` with so many processes, of which the first is killed. */
export async function comparisonVictim(program: string, root: string, jobs = 1): Promise<Victim> {
  const alone = `--methods uniform,hashing --budgets 300,600 --seeds 2 --epochs 5 ${STEPS}`;
  const command = ['compare', '--data', writeRatings(root), ...alone.split(' ')];
  const results = resultsOf((await undisturbed(program, command)).ended.stdout);
  const run = [...command, '--jobs', String(jobs)];
  const whole = await undisturbed(program, [...run, '--out', join(freshFolder(root), 'whole.jsonl')]);
  return {
    wholeMs: whole.ms,
    async killAfter(ms) {
      const folder = freshFolder(root);
      const out = join(folder, 'runs.jsonl');
      const told = await killed(program, [...run, '--out', out], ms);
      const before = existsSync(out) ? readFileSync(out, 'utf8') : '';
      const again = await startDimmer(program, [...run, '--out', out]).ended;
      const after = readFileSync(out, 'utf8');
      const faults: string[] = [];
      if (again.code !== 0) faults.push(`exit code ${again.code}: ${again.stderr}`);
      if (!after.startsWith(before)) faults.push('lines that were there are gone');
      for (const line of resultsOf(told.stdout))
        if (!resultsOf(before).includes(line)) faults.push('a run that was told of was not kept');
      if (resultsOf(after).toSorted().join() !== results.toSorted().join())
        faults.push('the lines are others');
      if (resultsOf(again.stdout).toSorted().join() !== results.toSorted().join())
        faults.push('what is printed is other');
      faults.push(...leftovers(folder, ['runs.jsonl', 'runs.jsonl.predictions']));
      const kept = resultsOf(before).length;
      return { kept: kept === results.length ? undefined : kept, faults };
    },
  };
}

async function undisturbed(
  program: string,
  args: readonly string[],
): Promise<{ readonly ended: Ended; readonly ms: number }> {
  const running = startDimmer(program, args);
  await running.said('');
  const startMs = performance.now();
  const ended = await running.ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  return { ended, ms: performance.now() - startMs };
}

/** Resolves when the process is gone, by the kill or before it. A negative time: before its first line. */
async function killed(program: string, args: readonly string[], ms: number): Promise<Ended> {
  const { child, ended, said } = startDimmer(program, args);
  if (ms >= 0) await said('');
  await Promise.race([ended, delay(Math.abs(ms))]);
  child.kill('SIGKILL');
  return ended;
}

let folders = 0;

function freshFolder(root: string): string {
  const folder = join(root, `kill-${folders++}`);
  mkdirSync(folder);
  return folder;
}

/** Temporary files, locks and claims that nobody swept. The folder is removed. */
function leftovers(folder: string, wanted: readonly string[]): readonly string[] {
  const left = readdirSync(folder).filter((name) => !wanted.includes(name));
  rmSync(folder, { recursive: true });
  return left.map((name) => `${name} is left`);
}

/** The result lines among others, without times and what tells of the interruption. */
function resultsOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"event":"result"') && line.endsWith('}'))
    .map((line) => {
      const { msPerStep: _m, seconds: _s, trainedOn: _t, check: _c, ...rest } = JSON.parse(line);
      return JSON.stringify(rest);
    });
}
