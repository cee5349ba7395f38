import { loadavg } from 'node:os';
import type { AppPage } from './driver.ts';

/** Beyond this a person feels that the page does not answer. https://web.dev/articles/rail */
export const LONGEST_TASK_MS = 50;

/** A task of the page's main thread. CPU time is what it costs; wall time also waits for other programs. */
export interface Task {
  readonly startUs: number;
  readonly wallMs: number;
  readonly cpuMs: number;
  /** What it did: names of the events inside that took at least a fifth of it, outermost first. */
  readonly what: readonly string[];
}

/** From an input to the frame that shows its effect. */
export interface InputToFrame {
  readonly wallMs: number;
  /** Of the main thread, in that time. */
  readonly cpuMs: number;
}

export interface Recording {
  readonly seconds: number;
  readonly tasks: readonly Task[];
  readonly pointerMoves: readonly InputToFrame[];
  /** CPU time of each of the page's threads by name, as a share of one core. */
  readonly threadShares: ReadonlyMap<string, number>;
}

/** Chromium's trace format; times in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly id2?: { readonly local?: string };
  readonly args?: {
    readonly name?: string;
    readonly data?: { readonly type?: string };
    readonly event_latency?: { readonly event_type?: string };
  };
}

const categories = ['toplevel', 'devtools.timeline', 'input.scrolling'];
const taskNames = new Set([
  'ThreadControllerImpl::RunTask',
  'ThreadPool_RunTask',
  'TaskGraphRunner::RunTask',
]);

/** What the page's threads do during `work`, from a trace of the browser. */
export async function recordMainThread(app: AppPage, work: () => Promise<void>): Promise<Recording> {
  const browser = app.context.browser()!;
  await browser.startTracing(app.page, { categories });
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  return summarise(traceEvents, seconds);
}

function summarise(events: readonly TraceEvent[], seconds: number): Recording {
  const threads = new Map<string, string>();
  for (const { name, pid, tid, args } of events)
    if (name === 'thread_name') threads.set(`${pid} ${tid}`, args?.name ?? '');
  const threadOf = ({ pid, tid }: TraceEvent): string => threads.get(`${pid} ${tid}`) ?? '';
  const { pid } = findMain(events, threadOf);

  const complete = events.filter(({ ph }) => ph === 'X');
  const main = complete.filter((event) => event.pid === pid && threadOf(event) === 'CrRendererMain');
  const tasks = toTasks(main);
  const shares = new Map<string, number>();
  for (const event of complete) {
    if (event.pid !== pid || !taskNames.has(event.name)) continue;
    const thread = threadOf(event);
    shares.set(thread, (shares.get(thread) ?? 0) + (event.tdur ?? 0) / 1e6 / seconds);
  }
  return { seconds, tasks, pointerMoves: toInputs(events, pid, tasks), threadShares: shares };
}

/** The page's renderer: the busiest main thread, since the browser may keep a spare one. */
function findMain(events: readonly TraceEvent[], threadOf: (event: TraceEvent) => string): TraceEvent {
  const busyUs = new Map<number, { readonly event: TraceEvent; sum: number }>();
  for (const event of events) {
    if (event.name !== 'ThreadControllerImpl::RunTask' || threadOf(event) !== 'CrRendererMain') continue;
    const entry = busyUs.get(event.pid) ?? { event, sum: 0 };
    entry.sum += event.tdur ?? 0;
    busyUs.set(event.pid, entry);
  }
  const [busiest] = [...busyUs.values()].toSorted((a, b) => b.sum - a.sum);
  if (!busiest) throw new Error('The trace has no task of a renderer: have its event names changed?');
  return busiest.event;
}

function toTasks(main: readonly TraceEvent[]): readonly Task[] {
  const sorted = main.toSorted((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
  const tasks: (Task & { readonly what: string[] })[] = [];
  let endUs = -Infinity;
  for (const { name, ts, dur = 0, tdur = 0, args } of sorted) {
    if (ts >= endUs) {
      if (name !== 'ThreadControllerImpl::RunTask') continue;
      tasks.push({ startUs: ts, wallMs: dur / 1000, cpuMs: tdur / 1000, what: [] });
      endUs = ts + dur;
    } else {
      const task = tasks.at(-1)!;
      if (tdur / 1000 >= task.cpuMs / 5) task.what.push(args?.data?.type ?? name);
    }
  }
  return tasks;
}

/** EventLatency begins with the input's own time and ends when a frame with its effect is presented. */
function toInputs(events: readonly TraceEvent[], pid: number, tasks: readonly Task[]): InputToFrame[] {
  const begun = new Map<string, number>();
  const inputs: InputToFrame[] = [];
  const latencies = events.filter((event) => event.name === 'EventLatency' && event.pid === pid);
  for (const { ph, ts, id2, args } of latencies.toSorted((a, b) => a.ts - b.ts)) {
    const id = id2?.local ?? '';
    if (ph === 'b' && args?.event_latency?.event_type?.startsWith('MOUSE_')) begun.set(id, ts);
    const startUs = begun.get(id);
    if (ph !== 'e' || startUs === undefined) continue;
    begun.delete(id);
    const within = tasks.filter((task) => task.startUs >= startUs && task.startUs < ts);
    const cpuMs = within.reduce((sum, task) => sum + task.cpuMs, 0);
    inputs.push({ wallMs: (ts - startUs) / 1000, cpuMs });
  }
  return inputs;
}

export function printRecording(name: string, { seconds, tasks, threadShares }: Recording): void {
  const [longest] = tasks.toSorted((a, b) => b.cpuMs - a.cpuMs);
  const longestWallMs = Math.max(...tasks.map(({ wallMs }) => wallMs));
  const longWall = tasks.filter(({ wallMs }) => wallMs > LONGEST_TASK_MS).length;
  const shares = [...threadShares]
    .filter(([, share]) => share > 0.005)
    .toSorted((a, b) => b[1] - a[1])
    .map(([thread, share]) => `${thread} ${(100 * share).toFixed(1)} %`);
  console.log(
    [
      `${name}, ${seconds.toFixed(0)} s, load average ${loadavg()[0].toFixed(1)}: ${tasks.length} tasks`,
      `longest ${longest.cpuMs.toFixed(1)} ms of CPU time (${longest.what.join(' › ')}), ${longestWallMs.toFixed(1)} ms of wall time`,
      `${longWall} tasks over ${LONGEST_TASK_MS} ms of wall time`,
      `CPU time of the page’s threads: ${shares.join(', ')}`,
    ].join('; '),
  );
}

const RECORDINGS = 5;

/** Of these the median counts: a task that shares its core's caches with other programs takes CPU time for it. */
export async function recordFiveTimes(
  app: AppPage,
  name: string,
  work: () => Promise<void>,
): Promise<readonly Recording[]> {
  const recordings: Recording[] = [];
  for (let count = 1; count <= RECORDINGS; count++) {
    const recording = await recordMainThread(app, work);
    printRecording(`${name}, ${count} of ${RECORDINGS}`, recording);
    recordings.push(recording);
  }
  return recordings;
}

export function longestCpuMs({ tasks }: Recording): number {
  return Math.max(...tasks.map(({ cpuMs }) => cpuMs));
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
