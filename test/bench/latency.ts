import type { Browser } from 'playwright';
import { median } from '../../src/benchmark/result.ts';
import { AppPage, launchBrowser } from '../e2e/driver.ts';
import { serveBuild } from '../e2e/serveBuild.ts';
import {
  compileTimes,
  listenToEngine,
  timeOfTest,
  timeToFirstStep,
  waitForNextRun,
  watchCompilation,
} from './latencyProbes.ts';
import { tableLikeTheSample } from './latencyTable.ts';

interface Options {
  readonly samples: number;
  /** Only figures whose name has it. */
  readonly only: string;
}

interface Figure {
  readonly name: string;
  readonly backend: 'cpu' | 'webgpu';
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly samples: number;
}

type Backend = Figure['backend'];
/** Samples by the name of their figure. */
type Samples = ReadonlyMap<string, number>;
type Scenario = (browser: Browser, url: string, backend: Backend) => Promise<Samples>;

/** Every scenario gives one sample of each of its figures, in a context of its own: no cache, no stored runs. */
const scenarios: readonly { readonly names: readonly string[]; readonly run: Scenario }[] = [
  { names: ['open, nothing cached', 'open again'], run: openTwice },
  { names: ['α released'], run: releaseSlider },
  { names: ['test set evaluated'], run: evaluate },
  { names: ['CSV chosen, its columns shown', 'columns confirmed'], run: loadTable },
  {
    names: [
      'pipelines compiled, new browser',
      'pipelines compiled, page opened again',
      'pipelines compiled, same page',
    ],
    run: compile,
  },
];

/** Shows each figure as soon as it is known. Names end where the first training step is on the screen. */
export async function measureLatency(
  { samples, only }: Options,
  show: (figure: Figure) => void,
): Promise<void> {
  const server = await serveBuild();
  const url = server.resolvedUrls!.local[0];
  try {
    for (const { names, run } of scenarios) {
      if (!names.some((name) => name.includes(only))) continue;
      for (const backend of ['cpu', 'webgpu'] as const) {
        const taken: Samples[] = [];
        for (let i = 0; i < samples; i++)
          taken.push(await inNewBrowser((browser) => run(browser, url, backend)));
        for (const name of names) {
          const values = taken.flatMap((each) => each.get(name) ?? []);
          if (values.length === 0) continue;
          const [minMs, maxMs] = [Math.min(...values), Math.max(...values)];
          show({ name, backend, medianMs: median(values), minMs, maxMs, samples: values.length });
        }
      }
    }
  } finally {
    await server.close();
  }
}

/** Whoever opens the page has a browser running: what its own start takes is not counted. */
async function inNewBrowser<T>(use: (browser: Browser) => Promise<T>): Promise<T> {
  const browser = await launchBrowser();
  try {
    const blank = await browser.newPage();
    await blank.waitForTimeout(1500);
    await blank.close();
    return await use(browser);
  } finally {
    await browser.close();
  }
}

function open(browser: Browser, url: string, backend: Backend, more = ''): Promise<AppPage> {
  return AppPage.open(browser, url, { hash: `be=${backend}&pa=0&e=1000${more}`, script: listenToEngine });
}

async function openTwice(browser: Browser, url: string, backend: Backend): Promise<Samples> {
  const app = await open(browser, url, backend);
  const cold = await app.waitForStep(1);
  const address = app.page.url();
  await app.page.goto('about:blank');
  await app.page.goto(address, { waitUntil: 'commit' });
  return new Map([
    ['open, nothing cached', cold],
    ['open again', await app.waitForStep(1)],
  ]);
}

async function releaseSlider(browser: Browser, url: string, backend: Backend): Promise<Samples> {
  const app = await open(browser, url, backend);
  await app.waitForStep(30);
  const elapsedMs = await timeToFirstStep(app, 'pointerup', () => app.dragSlider('alpha-slider', 60, 10));
  return new Map([['α released', elapsedMs]]);
}

async function evaluate(browser: Browser, url: string, backend: Backend): Promise<Samples> {
  // Evaluated before it is stopped: the test set is for the best weights.
  const app = await open(browser, url, backend, '&ev=20');
  await app.waitForStep(45);
  await app.page.keyboard.press('s');
  return new Map([['test set evaluated', await timeOfTest(app)]]);
}

async function loadTable(browser: Browser, url: string, backend: Backend): Promise<Samples> {
  const app = await open(browser, url, backend);
  await app.waitForStep(1);
  const load = app.byTestId('preview-load');
  const path = await tableLikeTheSample();
  const start = performance.now();
  await app.byTestId('file-input').setInputFiles(path);
  await load.waitFor();
  const shownMs = performance.now() - start;
  const elapsedMs = await timeToFirstStep(app, 'click', () => load.click());
  return new Map([
    ['CSV chosen, its columns shown', shownMs],
    ['columns confirmed', elapsedMs],
  ]);
}

async function compile(browser: Browser, url: string, backend: Backend): Promise<Samples> {
  const samples = new Map<string, number>();
  if (backend === 'cpu') return samples;
  const app = await open(browser, url, 'cpu');
  for (const name of ['pipelines compiled, new browser', 'pipelines compiled, page opened again']) {
    await app.waitForStep(1);
    await watchCompilation(app);
    await waitForNextRun(app, () => app.followLink('be=webgpu'));
    samples.set(name, await compileTimes(app));
    await waitForNextRun(app, () => app.followLink('be=webgpu&a=0.5'));
    samples.set('pipelines compiled, same page', await compileTimes(app));
    await app.page.goto('about:blank');
    await app.page.goto(`${url}#be=cpu`, { waitUntil: 'commit' });
  }
  return samples;
}
