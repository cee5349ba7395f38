import type { FeedCache } from '../training/feed.ts';
import { type MemoryPlan, planMemoryOf, type TrainingRequest } from '../training/planTraining.ts';

type Request = Pick<TrainingRequest, 'settings' | 'dataset' | 'backend'>;

/** Plans the memory of runs, and remembers the last: a slider comes back to where it was. */
export class MemoryPlanner {
  readonly #feeds: FeedCache;
  #last: { readonly key: string; readonly request: Request; readonly plan: MemoryPlan } | undefined;

  constructor(feeds: FeedCache) {
    this.#feeds = feeds;
  }

  plan(request: Request): MemoryPlan {
    const key = JSON.stringify(request.settings);
    const last = this.#last;
    const isSame = last?.request.dataset === request.dataset && last.request.backend === request.backend;
    if (last && isSame && last.key === key) return last.plan;
    const plan = planMemoryOf({ ...request, feeds: this.#feeds });
    this.#last = { key, request, plan };
    return plan;
  }
}
