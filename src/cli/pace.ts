import { unscheduled, type Scheduling } from '../training/loop/pace.ts';

/** As fast as it goes, but Ctrl+C is heard between two slices. */
export function commandLinePace(): Scheduling {
  return { ...unscheduled(), yieldThread: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}
