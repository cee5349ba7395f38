import type { Split } from '../../data/dataset.ts';
import { type RankedUser, rankUser } from '../../metrics/ranking.ts';
import type { Step } from '../../program/program.ts';
import { Random } from '../../random/random.ts';
import { Interactions } from '../../ranking/interactions.ts';
import { ranksOf } from '../../ranking/ranks.ts';
import type { PreparedRun } from '../plan/prepareRun.ts';
import { type Scheduling, SLICE_MS, SliceTimer } from './scheduling.ts';

/** Of every user, or of a seeded sample where there are many. */
export type RankedUsers = 'all' | 'sample';

/** Most pairs of user and item that are scored for a sample: 623 users of MovieLens 100K. */
const SAMPLED_PAIRS = 2 ** 20;

/**
 * Scores every item for users, by the 'evaluate' section over pairs of user and item, and ranks what a split holds out of them. No
 * user is ranked for whom training never saw.
 */
export class RankEvaluator {
  readonly #run: PreparedRun;
  readonly #scheduling: Scheduling;
  readonly #timer: SliceTimer;
  readonly #known: Interactions;

  constructor(run: PreparedRun, scheduling: Scheduling) {
    this.#run = run;
    this.#scheduling = scheduling;
    this.#timer = new SliceTimer(SLICE_MS[run.request.backend.kind]);
    this.#known = new Interactions(run.request.dataset, 'train');
  }

  /** The metrics of each user, in their order; undefined: it was cancelled. */
  async rank(
    split: Split,
    users: RankedUsers,
    isCancelled: () => boolean,
  ): Promise<readonly RankedUser[] | undefined> {
    const { fields } = this.#run.request.dataset;
    const held = new Interactions(this.#run.request.dataset, split);
    const chosen = this.#choose(held, users);
    const { cardinality: items, rareId } = fields[1];
    const ranked: RankedUser[] = [];
    const scores = new Float32Array(items);
    const end = chosen.length * items;
    for (let next = 0; next < end;) {
      const values = await this.#score(chosen, next, end);
      for (let from = 0; from < values.length;) {
        const item = (next + from) % items;
        const length = Math.min(items - item, values.length - from);
        scores.set(values.subarray(from, from + length), item);
        from += length;
        if (item + length < items) continue;
        const user = chosen[(next + from) / items - 1];
        ranked.push(rankUser(ranksOf(scores, held.of(user), this.#known.of(user), rareId)));
      }
      next += values.length;
      await this.#scheduling.yieldThread();
      if (isCancelled()) return undefined;
    }
    return ranked;
  }

  /** The users that the split holds something out of, ascending. */
  #choose(held: Interactions, users: RankedUsers): Uint32Array {
    const { fields } = this.#run.request.dataset;
    const all = Uint32Array.from({ length: held.users }, (_, user) => user).filter(
      (user) => held.of(user).length > 0 && user !== fields[0].rareId,
    );
    const most = Math.max(1, Math.floor(SAMPLED_PAIRS / fields[1].cardinality));
    if (users === 'all' || all.length <= most) return all;
    return new Random(this.#run.settings.seed, 'ranked users').shuffle(all).slice(0, most).sort();
  }

  /** Scores of the pairs from `start` on: pair k is of user chosen[⌊k / items⌋] and item k mod items. As many as fit a slice. */
  async #score(chosen: Uint32Array, start: number, end: number): Promise<Float32Array> {
    const { execution, batches, program } = this.#run;
    const [slots, batch] = program.predictions.shape;
    const left = Math.ceil((end - start) / batch);
    const count = Math.min(this.#timer.steps, slots, batches.longestRun, left);
    const startMs = performance.now();
    const steps = Array.from({ length: count }, (_, slot): Step => {
      const from = start + slot * batch;
      const ids = this.#pairs(chosen, from, Math.min(batch, end - from));
      return { ...batches.candidateBatch(ids), learningRate: 0, step: 1, metricSlot: slot };
    });
    execution.run('evaluate', steps);
    const values = await execution.read(program.predictions, 0, Math.min(count * batch, end - start));
    this.#timer.record(count, performance.now() - startMs);
    return values as Float32Array;
  }

  #pairs(chosen: Uint32Array, start: number, count: number): Uint32Array {
    const items = this.#run.request.dataset.fields[1].cardinality;
    const ids = new Uint32Array(2 * count);
    for (let i = 0; i < count; i++) {
      ids[2 * i] = chosen[Math.floor((start + i) / items)];
      ids[2 * i + 1] = (start + i) % items;
    }
    return ids;
  }
}
