import { watchGpu } from '../../src/benchmark/watchGpu.ts';

const OWNER = 'tests';
const watch = watchGpu();
watch.own(OWNER);

/** What the engine's workers wrote to their consoles as errors: device.ts reports GPU errors there. */
const saidByWorkers: string[] = [];
const channel = new BroadcastChannel('errors of workers');
channel.addEventListener('message', ({ data }: MessageEvent<string>) => saidByWorkers.push(data));

/** Passes on console.error of every worker of modules that this page starts from now on. */
export function watchWorkers(): void {
  globalThis.Worker = class extends Worker {
    constructor(address: string | URL, options?: WorkerOptions) {
      const url = JSON.stringify(new URL(address, location.href).href);
      const source = `import ${url};
        const channel = new BroadcastChannel(${JSON.stringify(channel.name)});
        const { error } = console;
        console.error = (...words) => { channel.postMessage(words.join(' ')); error(...words); };`;
      super(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })), options);
    }
  };
}

let taken = 0;

/** Uncaptured errors of all devices, on the page and in its workers, since the last call. */
export async function takeGpuErrors(): Promise<readonly string[]> {
  await watch.settled(OWNER);
  const all = watch.errorsOf(OWNER);
  const fresh = all.slice(taken).map(({ message }) => message);
  taken = all.length;
  return [...fresh, ...saidByWorkers.splice(0)];
}
