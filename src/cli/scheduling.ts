import { unscheduled } from '../training/loop/scheduling.ts';

/** As fast as it goes, but Ctrl+C is heard between two slices. */
export const heedful = unscheduled(() => new Promise<void>((resolve) => setImmediate(resolve)));
