/** A setting by what it stores and how well it does. */
export interface FrontPoint {
  /** Parameters. */
  readonly size: number;
  /** Mean validation loss over seeds. */
  readonly loss: number;
}

/** The points that no smaller one beats, from small to large. Those without a loss are on no front. */
export function frontOf<P extends FrontPoint>(points: readonly P[]): readonly P[] {
  const front: P[] = [];
  const bySize = points
    .filter(({ loss }) => Number.isFinite(loss))
    .sort((a, b) => a.size - b.size || a.loss - b.loss);
  for (const point of bySize) if (point.loss < (front.at(-1)?.loss ?? Infinity)) front.push(point);
  return front;
}
