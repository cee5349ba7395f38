import type { Settings } from '../../settings/settings.ts';
import type { TrainingEvent } from '../../training/events/events.ts';
import type { SideEngineChannel } from '../../worker/client.ts';
import type { EngineReply } from '../../worker/protocol.ts';
import type { Context } from '../context.ts';
import { createLiveStore, LiveRecorder } from '../runs/liveRun.ts';
import type { QueuedRun } from '../runs/requestedRun.ts';
import type { RunCurves } from '../runs/runRecord.ts';
import { reportError } from '../shared/notices.ts';
import type { RunQueue } from './runQueue.ts';

/** Where engines beside the first come from, and how many cores there are for all of them. */
export interface SideEngineSource {
  open(): SideEngineChannel;
  readonly cores: number;
}

/** An engine in a worker of its own; `run`: in training there. */
interface SideEngine {
  readonly channel: SideEngineChannel;
  readonly recorder: LiveRecorder;
  isReady: boolean;
  run: QueuedRun | null;
}

type FinishedEvent = Extract<TrainingEvent, { kind: 'finished' }>;

/** Who is told how runs end here. */
export interface SideListener {
  finished(run: QueuedRun, event: FinishedEvent, curves: RunCurves, file: Blob | undefined): void;
  failed(run: QueuedRun): void;
}

/** More would wait for memory, not for cores. */
const MOST_ENGINES = 16;

/**
 * Trains runs of the queue beside the run in progress, on the CPU: a core each, in as many workers as there are cores, runs and memory
 * for. Each has a copy of the data set, and a run there has the bits that it has alone.
 */
export class SideEngines {
  readonly #context: Pick<Context, 'store' | 'engine'>;
  readonly #queue: RunQueue;
  readonly #source: SideEngineSource | undefined;
  readonly #engines: SideEngine[] = [];
  #listener: SideListener | undefined;
  #askedRoomFor = '';
  #room = 1;

  constructor(
    context: Pick<Context, 'store' | 'engine'>,
    queue: RunQueue,
    source: SideEngineSource | undefined,
  ) {
    this.#context = context;
    this.#queue = queue;
    this.#source = source;
  }

  onEnd(listener: SideListener): void {
    this.#listener = listener;
  }

  /** Gives waiting runs to the engines that are free, and opens more where they pay. */
  fill(): void {
    const { backend, queueHeld, dataset } = this.#context.store.getState();
    if (!this.#source || queueHeld || !dataset || backend?.kind !== 'cpu') return;
    for (const engine of this.#engines) if (engine.isReady && !engine.run) this.#start(engine);
    const waiting = this.#waiting();
    const isBusy = this.#engines.some(({ run }) => run !== null);
    if (waiting.length === 0) return isBusy ? undefined : this.close();
    this.#askRoom(waiting);
    const most = Math.min(this.#source.cores, this.#room, MOST_ENGINES) - 1;
    const wanted = Math.min(most, this.#engines.length + waiting.length);
    while (this.#engines.length < wanted) this.#open();
  }

  /** 'room' of the first engine: how many runs fit into the memory. */
  hearRoom(runs: number): void {
    this.#room = runs;
    this.fill();
  }

  pause(): void {
    for (const { channel, run } of this.#engines) if (run) channel.post({ type: 'pause' });
  }

  resume(): void {
    for (const { channel, run } of this.#engines) if (run) channel.post({ type: 'resume' });
  }

  /** Ends those of the runs that are trained here, without a result. */
  cancel(ids: readonly string[]): void {
    for (const engine of this.#engines) {
      if (!engine.run || !ids.includes(engine.run.id)) continue;
      engine.channel.post({ type: 'cancel' });
      this.#free(engine);
    }
  }

  /** Ends all engines: their runs wait again. */
  close(): void {
    const interrupted = this.#engines.flatMap(({ run }) => run ?? []);
    for (const { channel } of this.#engines.splice(0)) channel.close();
    this.#askedRoomFor = '';
    this.#room = 1;
    this.#context.store.setState({ aside: [] });
    for (const run of interrupted) this.#queue.putBack(run);
  }

  /** Those that another engine can train as the first does. */
  #waiting(): readonly QueuedRun[] {
    const { queue, datasetKey } = this.#context.store.getState();
    return queue.filter((run) => run.datasetKey === datasetKey && isForSide(run));
  }

  /** Asks once for the largest of the waiting runs. */
  #askRoom(waiting: readonly QueuedRun[]): void {
    const [largest] = waiting.map(({ settings }) => settings).toSorted(byBudget);
    const { datasetKey } = this.#context.store.getState();
    const key = `${datasetKey} ${largest.budget}`;
    if (key === this.#askedRoomFor) return;
    this.#askedRoomFor = key;
    this.#context.engine.post({ type: 'find-room', settings: largest });
  }

  #open(): void {
    const channel = this.#source!.open();
    const engine: SideEngine = {
      channel,
      recorder: new LiveRecorder(createLiveStore()),
      isReady: false,
      run: null,
    };
    this.#engines.push(engine);
    channel.listen(
      (reply) => this.#hear(engine, reply),
      (failure) => {
        reportError(this.#context, failure, true);
        this.close();
      },
    );
    const { port1, port2 } = new MessageChannel();
    this.#context.engine.post({ type: 'share-dataset', port: port1 }, [port1]);
    channel.post({ type: 'adopt-dataset', port: port2 }, [port2]);
  }

  #start(engine: SideEngine): void {
    const run = this.#queue.take(isForSide);
    if (!run) return;
    engine.run = run;
    engine.recorder.begin(run.id);
    this.#context.store.setState(({ aside }) => ({ aside: [...aside, run] }));
    const { id: runId, settings, untilStep } = run;
    engine.channel.post({ type: 'run', runId, settings, note: '', untilStep });
  }

  #hear(engine: SideEngine, reply: EngineReply): void {
    const { run } = engine;
    if (!this.#engines.includes(engine)) return;
    if (reply.type === 'adopted') {
      engine.isReady = true;
      return this.fill();
    }
    if (!run || !('runId' in reply) || reply.runId !== run.id) return;
    if (reply.type === 'event' && reply.event.kind !== 'finished') engine.recorder.add(reply.event);
    else if (reply.type === 'event' && reply.event.kind === 'finished') {
      this.#end(engine, run);
      this.#listener?.finished(run, reply.event, engine.recorder.current(), reply.file);
      engine.channel.post({ type: 'forget-checkpoints', runIds: [run.id] });
      this.fill();
    } else if (reply.type === 'failed') {
      this.#end(engine, run);
      this.#listener?.failed(run);
      reportError(this.#context, reply.failure, true);
      this.fill();
    } else if (reply.type === 'ended-early') {
      this.#end(engine, run);
      this.fill();
    }
  }

  #end(engine: SideEngine, run: QueuedRun): void {
    this.#free(engine);
    this.#queue.end([run.id]);
  }

  #free(engine: SideEngine): void {
    const { run } = engine;
    engine.run = null;
    this.#context.store.setState(({ aside }) => ({ aside: aside.filter((other) => other !== run) }));
  }
}

/** Compressions read a model that the first engine is given. */
function isForSide({ compression, settings }: QueuedRun): boolean {
  return compression === undefined && settings.backend !== 'webgpu';
}

function byBudget(a: Settings, b: Settings): number {
  return (b.budget ?? 0) - (a.budget ?? 0);
}
