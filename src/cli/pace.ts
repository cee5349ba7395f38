import { freePace, type Pace } from '../training/pace.ts';

/** As fast as it goes, but Ctrl+C is heard between two slices. */
export function commandLinePace(): Pace {
  return { ...freePace(), breathe: () => new Promise<void>((resolve) => setImmediate(resolve)) };
}
