const LOOP_MS = 200;

/** Wall time of a loop by its CPU time: 1 on a quiet machine, 2 where another program takes every other turn. */
export function measureWallPerCpu(): number {
  const startMs = performance.now();
  const before = process.cpuUsage();
  let cpuMs = 0;
  while (cpuMs < LOOP_MS) {
    const { user, system } = process.cpuUsage(before);
    cpuMs = (user + system) / 1000;
  }
  return Math.max(1, (performance.now() - startMs) / cpuMs);
}
