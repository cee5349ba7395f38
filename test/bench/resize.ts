// What a run that is halved or doubled while it trains saves, on the CPU: steps from there until its validation loss is that of a
// run from scratch at the new budget, over the steps of that run. Beside it what that run had left at the same step, which is what
// a resize that costs nothing would take, and the best losses of the runs that were not resized.
//   --sample <s>   clicks or ratings; default both
//   --method <m>   default mixed-dimension for clicks, uniform for ratings
//   --at <shares>  of the first run's steps to its best loss, when it is resized (default 0.5,0.75,1)
//   --seeds <n>    default 3
import { parseArgs } from 'node:util';
import { createCpuBackend } from '../../src/backend/cpu/backend.ts';
import { formatSpread, spreadOf } from '../../src/comparison/summary.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { loadSample, type SampleId } from '../../src/data/load.ts';
import { defaultSettings, type MethodId, type Settings } from '../../src/settings/settings.ts';
import { DeviceBatchesCache } from '../../src/training/batches/deviceBatches.ts';
import { lossOf } from '../../src/metrics/metrics.ts';
import { resolveSettings } from '../../src/training/plan/resolveSettings.ts';
import { plannedChanges, type PlannedResize } from '../../src/training/resize/sizeChanges.ts';
import { trainRun } from '../../src/training/train.ts';

interface Evaluation {
  readonly step: number;
  readonly loss: number;
}

const EVALUATE_EVERY = 20;
const FULL_DIM = 16;

const { values } = parseArgs({
  options: {
    sample: { type: 'string' },
    method: { type: 'string' },
    at: { type: 'string', default: '0.5,0.75,1' },
    seeds: { type: 'string', default: '3' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const shares = values.at.split(',').map(Number);
const samples = (['clicks', 'ratings'] as const).filter((each) => (values.sample ?? each) === each);
const backend = createCpuBackend();
const batchCache = new DeviceBatchesCache();

/** Validation losses of a run, from the step of the last resize on. */
async function evaluate(
  dataset: Dataset,
  settings: Settings,
  resizes: readonly PlannedResize[] = [],
): Promise<readonly Evaluation[]> {
  const found: Evaluation[] = [];
  for await (const event of trainRun({
    settings,
    dataset,
    backend,
    batchCache,
    sizes: plannedChanges(resizes),
  })) {
    if (event.kind === 'resized') found.length = 0;
    if (event.kind === 'evaluation' && event.split === 'validation')
      found.push({ step: event.step, loss: lossOf(event.metrics) });
  }
  return found;
}

function best(evaluations: readonly Evaluation[]): Evaluation {
  return evaluations.reduce((least, each) => (each.loss < least.loss ? each : least));
}

async function measure(sample: SampleId, method: MethodId): Promise<void> {
  const dataset = loadSample(sample);
  const full = FULL_DIM * dataset.fields.reduce((sum, { cardinality }) => sum + cardinality, 0);
  const usual = resolveSettings({ ...defaultSettings, method }, dataset, 'cpu');
  // As many steps of patience as a run has otherwise, whatever is evaluated how often.
  const patience = Math.ceil((usual.patience * usual.evaluateEvery) / EVALUATE_EVERY);
  const settingsOf = (seed: number, budget: number): Settings => {
    return { ...defaultSettings, method, budget, seed, evaluateEvery: EVALUATE_EVERY, patience };
  };
  const scratch = new Map<string, Evaluation>();
  for (const budget of [full, full / 2])
    for (const seed of seeds)
      scratch.set(`${budget} ${seed}`, best(await evaluate(dataset, settingsOf(seed, budget))));
  for (const [from, to] of [
    [full, full / 2],
    [full / 2, full],
  ]) {
    const targets = seeds.map((seed) => scratch.get(`${to} ${seed}`)!);
    const losses = targets.map(({ loss }) => loss);
    const spread = spreadOf(losses)!;
    const within = spread.mean + (spread.deviation ?? 0);
    const unchanged = seeds.map((seed) => scratch.get(`${from} ${seed}`)!.loss.toFixed(4)).join(', ');
    for (const share of shares) {
      const runs: string[] = [];
      const left: string[] = [];
      for (const [i, seed] of seeds.entries()) {
        const step = Math.round(share * scratch.get(`${from} ${seed}`)!.step);
        const after = await evaluate(dataset, settingsOf(seed, from), [{ step, budget: to }]);
        const ratio = (loss: number): string => {
          const reached = after.find((each) => each.loss <= loss);
          return reached ? ((reached.step - step) / targets[i].step).toFixed(2) : 'never';
        };
        left.push(Math.max(0, 1 - step / targets[i].step).toFixed(2));
        runs.push(`${best(after).loss.toFixed(4)} ${ratio(losses[i])} (${ratio(within)})`);
      }
      const about = `${sample} | ${method} | ${from} → ${to} | ${share}`;
      console.log(
        `| ${about} | ${formatSpread(spread, 4)} | ${left.join(', ')} | ${runs.join(' | ')} | ${unchanged} |`,
      );
    }
  }
}

console.log(
  'Of each seed: best loss, steps over those from scratch to its own loss (to one deviation of all).',
);
const columns = ['sample', 'method', 'parameters', 'resized at', 'from scratch', 'steps it had left then'];
console.log(`| ${columns.join(' | ')} |${' seed |'.repeat(seeds.length)} never resized |`);
console.log(`|${'---|'.repeat(columns.length + seeds.length + 1)}`);
for (const sample of samples) {
  const usual = sample === 'clicks' ? 'mixed-dimension' : 'uniform';
  await measure(sample, (values.method ?? usual) as MethodId);
}
