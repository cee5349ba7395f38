import { decompose, energiesOf } from '../../analysis/spectrum.ts';
import { popularityBlocks } from '../../compression/popularityBlocks.ts';
import type { BlockEnergies } from '../../compression/method.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Scheduling } from '../loop/pace.ts';
import { planTraining, type TrainingRequest } from '../plan/planTraining.ts';
import { resolveSettings } from '../plan/resolveSettings.ts';
import { Schedule } from '../loop/schedule.ts';
import { factorOfRows, popularityFactors } from './spectra.ts';

/** Of the vectors of a warm-up: so many times what the budget pays for if all rows are alike. */
const ROOM = 8;
const LONGEST_VECTOR = 1024;
/** Steps handed to the device at once. */
const SLICE_STEPS = 8;

export function isSpectral({ method, allocation }: Pick<Settings, 'method' | 'allocation'>): boolean {
  return method === 'mixed-dimension' && allocation === 'spectral';
}

const fullTables = { method: 'full', budget: null, fieldMethods: '', allocation: 'popularity' } as const;

/** No direction is seen beyond it: `vectorDim`, or more where a budget pays for more. */
function warmUpDim({ settings, dataset, backend }: TrainingRequest): number {
  const { budget, vectorDim, maxDim } = resolveSettings(settings, dataset, backend.kind);
  const rows = dataset.fields.reduce((sum, field) => sum + field.cardinality, 0);
  const dim = Math.max(vectorDim, ROOM * Math.floor(budget / rows));
  return Math.min(dim, maxDim, LONGEST_VECTOR);
}

/**
 * Trains full tables for warmupSteps steps and measures what lookups see of every popularity block: the spectra
 * that a spectral allocation of these settings is made of. Deterministic. undefined: stopped. Throws what trainRun throws.
 */
export async function warmUp(
  request: TrainingRequest,
  pace: Scheduling,
  signal: AbortSignal | undefined,
): Promise<readonly BlockEnergies[] | undefined> {
  const { settings, dataset, backend, batchCache } = request;
  const vectorDim = warmUpDim(request);
  const full = { ...settings, ...fullTables, vectorDim };
  const { run, allocation } = planTraining({ ...request, settings: full, allocation: undefined });
  const { program, layout, lookups, settings: resolved } = run;
  const { seed, epochs, learningRate, warmupSteps: steps } = resolved;
  const deviceBatches = batchCache.batchesFor(backend, dataset, layout, seed, {
    lookups,
    signatures: undefined,
  });
  const execution = await backend.prepare(program, deviceBatches.open(program.data), seed);
  try {
    const rounds = Math.max(epochs, Math.ceil(steps / layout.batches.train));
    const schedule = new Schedule(layout.batches.train, rounds, steps, seed);
    const slice = Math.min(SLICE_STEPS, deviceBatches.longestRun);
    for (let first = 1; first <= steps; first += slice) {
      const count = Math.min(slice, steps - first + 1);
      const taken = Array.from({ length: count }, (_, i) => {
        const step = first + i;
        return { ...deviceBatches.trainBatch(schedule.batchOf(step)), step, learningRate, metricSlot: 0 };
      });
      execution.run('train', taken);
      await execution.finished();
      await pace.yieldThread();
      if (signal?.aborted) return undefined;
    }
    return await measure();
  } finally {
    execution.destroy();
  }

  async function measure(): Promise<readonly BlockEnergies[]> {
    const tables = storedBlocks(program, allocation);
    const factors = dataset.fields.map(({ counts }) => popularityFactors(counts));
    const spectra: BlockEnergies[] = [];
    for (const { field, firstId, rows } of popularityBlocks(dataset.fields, settings.blocks)) {
      const range = { first: firstId, rows };
      const factor = await factorOfRows(execution, tables[field].table, range, factors[field]);
      const { singularValues } = decompose(factor);
      spectra.push({ field, firstId, energies: energiesOf(singularValues) });
    }
    return spectra;
  }
}
