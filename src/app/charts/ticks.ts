export type Interval = readonly [number, number];

/** 1, 2, 5 of every decade inside; only decades when they are many. */
export function logTicks([low, high]: Interval): readonly number[] {
  const factors = Math.log10(high / low) > 2.4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10)
    for (const factor of factors) {
      const tick = decade * factor;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  return ticks;
}

/** About `count` round numbers inside. */
export function linearTicks([low, high]: Interval, count = 5): readonly number[] {
  const rough = (high - low) / count;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = unit * ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

/** As many decimals as tell one tick from the next. */
export function decimalsFor([first, second]: readonly number[]): (tick: number) => string {
  const digits = second === undefined ? 2 : Math.max(0, -Math.floor(Math.log10(second - first) + 1e-9));
  return (tick) => tick.toFixed(digits);
}
