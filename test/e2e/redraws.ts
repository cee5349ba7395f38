import type { AppPage } from './driver.ts';

declare global {
  interface Window {
    /** Script time of every redraw since watchRedraws, milliseconds. */
    redrawsMs?: number[];
  }
}

/**
 * Times every redraw from the first listener of its pointer event to the bars drawn: the slider's own
 * work, the allocation and the drawing, as all of it is one task. The app's measure 'dims-redraw' tells the end.
 */
export async function watchRedraws(app: AppPage): Promise<void> {
  await app.page.evaluate(() => {
    const timesMs: number[] = [];
    window.redrawsMs = timesMs;
    let inputMs = 0;
    addEventListener('pointermove', () => (inputMs = performance.now()), true);
    addEventListener('pointerdown', () => (inputMs = performance.now()), true);
    const measure = performance.measure.bind(performance);
    performance.measure = (...args: Parameters<typeof measure>) => {
      const entry = measure(...args);
      if (entry.name === 'dims-redraw') timesMs.push(entry.startTime + entry.duration - inputMs);
      return entry;
    };
  });
}

export function readRedraws(app: AppPage): Promise<readonly number[]> {
  return app.page.evaluate(() => window.redrawsMs ?? []);
}
