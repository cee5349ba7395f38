import { expect, inject, test } from 'vitest';
import { measureWallPerCpu } from '../support/machineLoad.ts';
import { AppPage, launchBrowser } from './driver.ts';

const LIMIT_MS = 3000;
const OPENINGS = 3;

/**
 * The median of three, each in a profile of its own. On a machine that other programs share, the limit grows
 * as the wall time of a loop does beside its CPU time.
 */
test(`the sample trains within ${LIMIT_MS / 1000} seconds of opening`, async () => {
  const browser = await launchBrowser();
  const open = async (): Promise<number> => {
    const app = await AppPage.open(browser, inject('appUrl'));
    const elapsedMs = await app.waitForStep(1);
    await app.close();
    return elapsedMs;
  };
  // Whoever opens the page has a browser running: what its own start takes is not counted.
  await open();
  const loads = [measureWallPerCpu()];
  const openings: number[] = [];
  for (let opening = 0; opening < OPENINGS; opening++) openings.push(await open());
  loads.push(measureWallPerCpu());
  await browser.close();
  const median = openings.toSorted((a, b) => a - b)[Math.floor(OPENINGS / 2)];
  const load = Math.max(...loads);
  console.log(
    `first step ${Math.round(median)} ms after navigation, wall time ${load.toFixed(1)} times CPU time`,
  );
  expect(median).toBeLessThan(LIMIT_MS * load);
});
