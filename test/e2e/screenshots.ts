import { mkdir } from 'node:fs/promises';
import { AppPage, launchBrowser } from './driver.ts';
import { serveBuild } from './serveBuild.ts';

const folder = 'public/screenshots';

/** Budgets in embedding parameters, small enough for α to matter. */
export interface FigurePlan {
  readonly alphas: readonly number[];
  readonly budgets: readonly number[];
  readonly seeds: readonly number[];
}

/** Light, with a spectrum, dark and 390 px wide: the app as it stands after real runs, with one more in training. */
export async function takeScreenshots(plan: FigurePlan): Promise<void> {
  await withRuns(linksOf(plan), async (app) => {
    await app.followLink(`m=mixed-dimension&a=0.3&b=${plan.budgets[1]}&s=7`);
    await app.waitForStep(40);
    await app.page.mouse.move(0, 0);
    await save(app, 'light');
    await app.page.keyboard.press('v');
    await app.byTestId('spectrum-chart').waitFor();
    await save(app, 'spectrum');
    await app.page.keyboard.press('v');
    await app.page.emulateMedia({ colorScheme: 'dark' });
    await save(app, 'dark');
    await app.page.emulateMedia({ colorScheme: 'light' });
    await app.page.setViewportSize({ width: 390, height: 844 });
    await save(app, 'narrow');
  });
}

/** Accuracy against parameters on the clicks sample, drawn by the app itself. */
export async function drawFigure(plan: FigurePlan): Promise<void> {
  await withRuns(linksOf(plan), async (app) => {
    await app.page.mouse.move(0, 0);
    const path = `${folder}/accuracy-clicks.png`;
    const box = (await app.byTestId('accuracy-chart').boundingBox())!;
    const clip = { x: box.x - 16, y: box.y - 48, width: box.width + 32, height: box.height + 56 };
    await app.page.screenshot({ path, clip });
    for (const run of await app.readRunTable()) console.log(run);
    console.log(path);
  });
}

/** Uniform and every α, at every budget and seed. */
function linksOf({ alphas, budgets, seeds }: FigurePlan): readonly string[] {
  const methods = ['m=uniform', ...alphas.map((alpha) => `m=mixed-dimension&a=${alpha}`)];
  return seeds.flatMap((seed) =>
    budgets.flatMap((budget) => methods.map((method) => `${method}&b=${budget}&s=${seed}`)),
  );
}

/** Trains one run after the other in one page; a link changes the settings of the page that is open. */
async function withRuns(links: readonly string[], use: (app: AppPage) => Promise<void>): Promise<void> {
  await mkdir(folder, { recursive: true });
  const server = await serveBuild();
  const browser = await launchBrowser();
  try {
    const app = await AppPage.open(browser, server.resolvedUrls!.local[0], { hash: links[0] });
    for (const [index, link] of links.entries()) {
      if (index > 0) await app.followLink(link);
      await app.waitForRuns(index + 1);
      console.log(`run ${index + 1} of ${links.length}: ${link}`);
    }
    await app.dismissNotices();
    await use(app);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function save(app: AppPage, name: string): Promise<void> {
  await app.nextFrame();
  await app.nextFrame();
  const path = `${folder}/${name}.png`;
  await app.page.screenshot({ path });
  console.log(path);
}
