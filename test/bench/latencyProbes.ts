import type { AppPage } from '../e2e/driver.ts';

interface Said {
  readonly kind: string;
  readonly split: string | undefined;
  readonly ms: number;
}

declare global {
  interface Window {
    /** Events of the engine, by the page's clock. */
    engineSaid?: Said[];
  }
  /** In the engine's worker: when pipelines were asked for first and finished last, and how many. */
  var compilation: { startMs: number; endMs: number; count: number } | undefined;
}

/** Before the page's own scripts: keeps what the engine says, and when. */
export function listenToEngine(): void {
  const said: Said[] = [];
  window.engineSaid = said;
  window.Worker = class extends Worker {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(address, options);
      this.addEventListener('message', ({ data }) => {
        if (data.type === 'event')
          said.push({ kind: data.event.kind, split: data.event.split, ms: performance.now() });
      });
    }
  };
}

/** Milliseconds from an event of the page, which `act` causes, until the step counter has shown 0 and then a step. */
export async function timeToFirstStep(
  app: AppPage,
  type: 'pointerup' | 'click',
  act: () => Promise<void>,
): Promise<number> {
  // Its own handle, so that what it resolves with is not awaited before `act`.
  const watch = await app.page.evaluateHandle((event) => {
    const counter = document.querySelector<HTMLElement>('[data-testid=step-counter]')!;
    const elapsed = new Promise<number>((resolve) => {
      const begin = (): void => {
        const start = performance.now();
        let isNew = false;
        new MutationObserver((_, observer) => {
          const step = Number(counter.dataset['step']);
          isNew ||= step === 0;
          if (!isNew || step === 0) return;
          observer.disconnect();
          // The counter has changed; the frame that shows it comes next.
          requestAnimationFrame(() => resolve(performance.now() - start));
        }).observe(counter, { attributes: true, attributeFilter: ['data-step'] });
      };
      addEventListener(event, begin, { capture: true, once: true });
    });
    return { elapsed };
  }, type);
  await act();
  return watch.evaluate(({ elapsed }) => elapsed);
}

/** Resolves when the run that `act` starts has taken a step. */
export async function waitForNextRun(app: AppPage, act: () => Promise<void>): Promise<void> {
  const before = await app.page.evaluate(() => window.engineSaid!.length);
  await act();
  await app.page.waitForFunction(
    (length) => {
      const kinds = window.engineSaid!.slice(length).map(({ kind }) => kind);
      return (
        kinds.indexOf('progress', kinds.indexOf('started')) > kinds.indexOf('started') &&
        kinds.includes('started')
      );
    },
    before,
    { timeout: 120_000 },
  );
}

/** Milliseconds between the results on training and test data, once the run has finished. */
export async function timeOfTest(app: AppPage): Promise<number> {
  const said = await app.page.waitForFunction(
    () => (window.engineSaid!.some(({ kind }) => kind === 'finished') ? window.engineSaid : null),
    undefined,
    { timeout: 120_000 },
  );
  const events = (await said.jsonValue()) as readonly Said[];
  const msOf = (split: string): number => events.findLast((event) => event.split === split)!.ms;
  return msOf('test') - msOf('train');
}

export async function watchCompilation(app: AppPage): Promise<void> {
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const { createComputePipelineAsync, createShaderModule } = GPUDevice.prototype;
      const begin = () => (globalThis.compilation ??= { startMs: performance.now(), endMs: 0, count: 0 });
      GPUDevice.prototype.createShaderModule = function (this: GPUDevice, descriptor) {
        begin();
        return createShaderModule.call(this, descriptor);
      };
      GPUDevice.prototype.createComputePipelineAsync = async function (this: GPUDevice, descriptor) {
        const watched = begin();
        const pipeline = await createComputePipelineAsync.call(this, descriptor);
        watched.endMs = performance.now();
        watched.count++;
        return pipeline;
      };
    });
}

/** Milliseconds from the first to the last pipeline since the last call; 0 when none was compiled. */
export async function compileTimes(app: AppPage): Promise<number> {
  let elapsedMs = 0;
  for (const worker of app.page.workers())
    elapsedMs += await worker.evaluate(() => {
      const { compilation } = globalThis;
      globalThis.compilation = undefined;
      return compilation ? compilation.endMs - compilation.startMs : 0;
    });
  return elapsedMs;
}
