import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { Random } from '../../src/random/random.ts';
import type { RunRecord } from '../../src/app/runs/runRecord.ts';
import { AppPage, launchBrowser } from '../e2e/driver.ts';
import { serveBuild } from '../e2e/serveBuild.ts';

interface Options {
  /** Deaths of the graphics process. */
  readonly gpu: number;
  /** Deaths of the tab. */
  readonly tabs: number;
  readonly seed: number;
  /** Only while this goes on; '' for all in turns. */
  readonly only: string;
}

/** What is going on when something dies. */
type Scenario = 'training' | 'evaluation' | 'resize' | 'spectrum' | 'compare';
type Victim = 'graphics process' | 'tab';

interface Outcome {
  readonly scenario: Scenario;
  readonly victim: Victim;
  /** Runs that were asked for, and those that came to their end with a row. */
  readonly asked: number;
  readonly ended: number;
  /** Went on from a checkpoint, or began again where there was none yet. */
  readonly wentOn: number;
  /** Of the rows: ended on the device on which the run began, and has the bits of an undisturbed run; or does not have them. */
  readonly same: number;
  readonly different: number;
  /** From the death to the next training step that is shown, ms; undefined where a comparison was between two runs. */
  readonly waitMs: number | undefined;
}

const criteo = readFileSync(new URL('../fixtures/criteo.tsv', import.meta.url), 'utf8');
/** By what dies. A run on the CPU takes as many seconds with more steps. */
const settings = { 'graphics process': 'be=webgpu&e=8&pa=0', tab: 'be=cpu&e=150&pa=0' } as const;
const comparison = { methods: ['uniform', 'mixed-dimension'], budgets: '1/8', seeds: 2 };
const scenarios: readonly Scenario[] = ['training', 'evaluation', 'resize', 'spectrum', 'compare'];

/** Prints a table, and returns whether nothing was lost and every bit is as it must be. */
export async function crash({ gpu, tabs, seed, only }: Options): Promise<boolean> {
  const server = await serveBuild();
  const url = server.resolvedUrls!.local[0];
  const random = new Random(seed, 'crashes');
  const outcomes: Outcome[] = [];
  try {
    const known = new Map<string, string>();
    const asked = scenarios.filter((scenario) => scenario.includes(only));
    const victims = [...Array<Victim>(gpu).fill('graphics process'), ...Array<Victim>(tabs).fill('tab')];
    for (const victim of new Set(victims))
      for (const scenario of ['training', 'compare'] as const)
        for (const run of await undisturbed(url, { scenario, victim })) known.set(keyOf(run), bitsOf(run));
    for (const [i, victim] of victims.entries()) {
      const scenario = asked[i % asked.length];
      // A browser whose graphics process died too often does without: each death has a browser of its own.
      const browser = await launchBrowser();
      try {
        const outcome = await observe(browser, url, { scenario, victim, moment: random.uniform(), known });
        outcomes.push(outcome);
        console.error(i + 1, JSON.stringify(outcome));
      } catch (error) {
        console.error(i + 1, scenario, victim, error);
        outcomes.push({
          scenario,
          victim,
          asked: 1,
          ended: 0,
          wentOn: 0,
          same: 0,
          different: 0,
          waitMs: undefined,
        });
      } finally {
        await browser.close();
      }
    }
  } finally {
    await server.close();
  }
  report(outcomes);
  return outcomes.every(({ asked, ended, different }) => ended >= asked && different === 0);
}

interface Death {
  readonly scenario: Scenario;
  readonly victim: Victim;
  /** In [0, 1). */
  readonly moment: number;
  readonly known: ReadonlyMap<string, string>;
}

async function observe(browser: Browser, url: string, death: Death): Promise<Outcome> {
  const { scenario, victim, moment, known } = death;
  let app = await begin(browser, url, death);
  const total = Number(await app.byTestId('step-counter').getAttribute('data-total'));
  // Evaluations are where an eighth of the run is over; of a comparison any run may be in progress.
  const part = scenario === 'evaluation' ? (1 + Math.floor(7 * moment)) / 8 : 0.9 * moment;
  await app.waitForStep(Math.ceil(part * total), 120_000);
  if (scenario === 'compare') await app.page.waitForTimeout(8000 * moment);
  const killedMs = performance.now();
  if (victim === 'graphics process') await crashGraphics(browser);
  else app = await reopen(app, scenario);
  const waitMs = await nextStep(app, victim).then(
    () => performance.now() - killedMs,
    () => undefined,
  );
  const asked = scenario === 'compare' ? 4 : 1;
  await app.waitForRuns(asked, 240_000);
  const runs = await storedRuns(app);
  const rows = runs.filter(({ result }) => result.reason === 'completed');
  const asksFor = victim === 'tab' ? 'cpu' : 'webgpu';
  const comparable = rows.filter(
    (run) => run.result.backend === asksFor && !run.result.stages?.length && known.has(keyOf(run)),
  );
  const isSame = (run: RunRecord): boolean => known.get(keyOf(run)) === bitsOf(run);
  const same = comparable.filter(isSame).length;
  for (const run of comparable.filter((one) => !isSame(one)))
    console.error(
      `${run.name} ${JSON.stringify(run.result.trainedOn)}\n  ${known.get(keyOf(run))}\n  ${bitsOf(run)}`,
    );
  return {
    scenario,
    victim,
    asked,
    ended: rows.length,
    wentOn: rows.filter(({ result }) => result.trainedOn).length,
    same,
    different: comparable.length - same,
    waitMs,
  };
}

async function begin(
  browser: Browser,
  url: string,
  { scenario, victim }: Pick<Death, 'scenario' | 'victim'>,
): Promise<AppPage> {
  const app = await AppPage.open(browser, url, { hash: settings[victim] });
  await app.page.evaluate((choices) => {
    const stored = JSON.parse(localStorage.getItem('dimmer') ?? '{"state":{},"version":1}');
    localStorage.setItem(
      'dimmer',
      JSON.stringify({ ...stored, state: { ...stored.state, comparison: choices } }),
    );
  }, comparison);
  if (scenario === 'compare') await app.page.reload();
  await openData(app);
  if (scenario === 'spectrum') await app.byTestId('dims-spectrum').click();
  if (scenario === 'resize') {
    await app.byTestId('keepLearnt').click();
    await app.waitForStep(4);
    await app.byTestId('budget-box').fill('3000');
    await app.byTestId('budget-box').press('Enter');
  }
  if (scenario === 'compare') {
    await app.byTestId('compare').click();
    await app.byTestId('compare-start').click();
  }
  return app;
}

async function openData(app: AppPage): Promise<void> {
  await app.byTestId('file-input').setInputFiles({
    name: 'criteo.tsv',
    mimeType: 'text/plain',
    buffer: Buffer.from(criteo),
  });
  await app.page.waitForFunction(
    () => document.querySelector('[data-testid=dataset-menu]')?.textContent?.includes('criteo'),
    undefined,
    { timeout: 60_000 },
  );
  await app.waitForStep(1, 120_000);
  // Checkpoints every second instead of every fifteen.
  for (const worker of app.page.workers())
    await worker.evaluate(() => {
      const now = performance.now.bind(performance);
      performance.now = () => 15 * now();
    });
}

/** Resolves when the page shows a step of a run that went on, or that began again. */
async function nextStep(app: AppPage, victim: Victim): Promise<void> {
  if (victim === 'tab') return void (await app.waitForStep(1));
  await app.readNotice('goes on by itself');
  const before = await app.step();
  await app.page.waitForFunction(
    (step) =>
      Number(document.querySelector<HTMLElement>('[data-testid=step-counter]')?.dataset['step']) !== step,
    before,
  );
}

/** Kills the renderer of the page and opens the address again, as a browser does with “Reload” after “Aw, Snap!”. */
async function reopen(app: AppPage, scenario: Scenario): Promise<AppPage> {
  const { context, page } = app;
  const url = page.url();
  const died = page.waitForEvent('crash');
  page.goto('chrome://crash').catch(() => {});
  await died;
  await page.close();
  const again = await AppPage.openIn(context, url);
  await openData(again);
  if (scenario === 'compare') {
    // The comparison may have been over before the tab died.
    const rest = again.page.getByRole('button', { name: /finish the rest|resume/i }).first();
    await rest.click({ timeout: 10_000 }).catch(() => again.waitForRuns(4, 1000));
  }
  return again;
}

async function crashGraphics(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess' as never);
  await session.detach();
}

async function undisturbed(
  url: string,
  death: Pick<Death, 'scenario' | 'victim'>,
): Promise<readonly RunRecord[]> {
  const browser = await launchBrowser();
  try {
    const app = await begin(browser, url, death);
    await app.waitForRuns(death.scenario === 'compare' ? 4 : 1, 240_000);
    return await storedRuns(app);
  } finally {
    await browser.close();
  }
}

/** Of the file, not of the sample that the page opens first. */
async function storedRuns({ page }: AppPage): Promise<readonly RunRecord[]> {
  const runs = await page.evaluate(
    () =>
      new Promise<unknown>((resolve, reject) => {
        const opening = indexedDB.open('dimmer');
        opening.addEventListener('error', () => reject(opening.error));
        opening.addEventListener('success', () => {
          const all = opening.result.transaction('runs').objectStore('runs').getAll();
          all.addEventListener('success', () => resolve(all.result));
        });
      }),
  );
  return (runs as RunRecord[]).filter(({ result }) => result.datasetName === 'criteo.tsv');
}

const keyOf = ({ asked }: RunRecord): string => JSON.stringify(asked);

/** The losses of every evaluation, to the bit. */
const bitsOf = ({ result, validationLoss }: RunRecord): string =>
  JSON.stringify([result.metrics, result.bestStep, result.steps, validationLoss]);

function report(outcomes: readonly Outcome[]): void {
  console.log(
    '| died | while | deaths | runs asked for | ended with a row | went on | bits as undisturbed | other bits | median wait |',
  );
  console.log('|---|---|---:|---:|---:|---:|---:|---:|---:|');
  for (const victim of ['graphics process', 'tab'] as const)
    for (const scenario of scenarios) {
      const own = outcomes.filter((outcome) => outcome.victim === victim && outcome.scenario === scenario);
      if (own.length === 0) continue;
      const total = (count: (outcome: Outcome) => number): number =>
        own.reduce((sum, one) => sum + count(one), 0);
      const waits = own.flatMap(({ waitMs }) => waitMs ?? []).toSorted((a, b) => a - b);
      const wait = waits.length > 0 ? `${(waits[waits.length >> 1] / 1000).toFixed(1)} s` : '–';
      const cells = [victim, scenario, own.length, total((one) => one.asked), total((one) => one.ended)];
      const counts = [total((one) => one.wentOn), total((one) => one.same), total((one) => one.different)];
      console.log(`| ${[...cells, ...counts, wait].join(' | ')} |`);
    }
}
