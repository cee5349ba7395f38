import { TrainingError } from './errors.ts';

/** What gives way to a limit. */
export interface MemoryChoice {
  readonly batch: number;
}

/** No batch is halved below this: what shrinks with it is by then less than what grows. */
const LEAST_BATCH = 8;

/**
 * The choices from the one that was asked to the one that harms most.
 */
function* choicesFrom(asked: MemoryChoice): Generator<MemoryChoice> {
  for (let { batch } = asked; ; batch = Math.floor(batch / 2)) {
    yield { ...asked, batch };
    if (batch < 2 * LEAST_BATCH) return;
  }
}

/**
 * The first choice whose run takes at most `limitBytes`; `measure` answers with the least that a run
 * takes. Throws TrainingError, which says the smallest limit that any choice meets.
 */
export function fitMemory(
  limitBytes: number,
  asked: MemoryChoice,
  measure: (choice: MemoryChoice) => number,
): MemoryChoice {
  let least = { choice: asked, bytes: Infinity };
  for (const choice of choicesFrom(asked)) {
    const bytes = measure(choice);
    if (bytes <= limitBytes) return choice;
    if (bytes < least.bytes) least = { choice, bytes };
  }
  const smallest = megabytesAbove(least.bytes);
  throw new TrainingError(
    `This run does not fit into ${limitBytes / 1e6} MB of training memory: the least it takes is ${smallest} MB, ${describe(least.choice)}.`,
    `Give ${smallest} MB or more, or lower the memory budget.`,
  );
}

function describe({ batch }: MemoryChoice): string {
  return `with a batch of ${batch}`;
}

/** The shortest decimal number of MB, of four digits, that is enough. */
function megabytesAbove(sizeBytes: number): number {
  const digits = Math.max(0, 3 - Math.floor(Math.log10(sizeBytes / 1e6)));
  return Number((Math.ceil((sizeBytes / 1e6) * 10 ** digits) / 10 ** digits).toFixed(digits));
}
