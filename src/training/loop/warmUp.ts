import { GivenUp, type Pace, Turns } from '../../pieces/pieces.ts';
import { decomposing, energiesOf } from '../../analysis/spectrum.ts';
import { budgetOf } from '../../compression/decideDims.ts';
import { popularityBlocks } from '../../compression/popularityBlocks.ts';
import { storedBlocks } from '../../model/storedBlocks.ts';
import type { Settings } from '../../settings/settings.ts';
import { EpochOrder } from '../batches/windows.ts';
import { TrainingError } from '../events/errors.ts';
import type { TrainingEvent } from '../events/events.ts';
import { planning, type RunRequest } from '../plan/planRun.ts';
import { type PreparedRun, prepareRun } from '../plan/prepareRun.ts';
import { factorOfRows } from '../spectrum/deviceRows.ts';
import { allPopularityFactors } from '../spectrum/measureField.ts';
import type { RunControl } from './run.ts';
import { Schedule } from './schedule.ts';
import { describeDivergence, StepLoop } from './stepLoop.ts';
import type { BlockEnergies } from '../../compression/method.ts';

/** Vectors of the warm-up are this many times as long as those that the budget pays for if all rows are alike. */
const ROOM = 8;
const LONGEST_VECTOR = 1024;

export function isSpectral({ method, allocation }: Pick<Settings, 'method' | 'allocation'>): boolean {
  return method === 'mixed-dimension' && allocation === 'spectral';
}

const fullTables = { method: 'full', budget: null, fieldMethods: '', allocation: 'popularity' } as const;

/** The length of the warm-up's vectors, which limits the dims it can measure: `vectorDim`, or more if the budget pays for more. */
function warmUpDim({ settings, dataset }: RunRequest): number {
  const { vectorDim, maxDim } = settings;
  const rows = dataset.fields.reduce((sum, field) => sum + field.cardinality, 0);
  const dim = Math.max(vectorDim, ROOM * Math.floor(budgetOf(settings, dataset) / rows));
  return Math.min(dim, maxDim, LONGEST_VECTOR);
}

/**
 * Trains full tables for warmupSteps steps and measures the spectrum of every popularity block, rows weighed by how often they are
 * looked up. A spectral allocation is made of these spectra. Deterministic. Throws GivenUp as soon as the signal is aborted,
 * TrainingError if training diverges, and what trainRun throws.
 */
export async function* warmUp(
  request: RunRequest,
  { scheduling, signal }: RunControl,
): AsyncGenerator<TrainingEvent, readonly BlockEnergies[], void> {
  const settings = { ...request.settings, ...fullTables, vectorDim: warmUpDim(request) };
  const pace = new Turns({
    yieldThread: scheduling.yieldThread,
    isGivenUp: () => signal?.aborted === true,
  });
  const plan = await pace.work(
    planning({ ...request, settings, allocation: undefined, keepsCheckpoints: false }),
  );
  const run = await prepareRun(plan, pace);
  try {
    const { seed, epochs, warmupSteps: totalSteps } = run.settings;
    const batches = run.layout.batches.train;
    const rounds = Math.max(epochs, Math.ceil(totalSteps / batches));
    const schedule = new Schedule(new EpochOrder(run.layout.windows, seed), rounds, totalSteps);
    const loop = new StepLoop(run, { schedule, scheduling, signal });
    for (let step = 0; step < totalSteps;) {
      await loop.ready();
      const done = await loop.next(totalSteps);
      if (signal?.aborted) throw new GivenUp();
      if (!done) continue; // paused meanwhile
      step = done.lastStep;
      yield { kind: 'warming-up', step, totalSteps, stepsPerSecond: loop.stepsPerSecond };
      if (done.divergedLoss !== undefined)
        throw new TrainingError(
          `The warm-up diverged. ${describeDivergence(done.divergedLoss, step)}`,
          'Lower the learning rate, or choose dims by popularity.',
        );
      await scheduling.yieldThread();
    }
    return await measureBlocks(run, request.settings.blocks, pace);
  } finally {
    run.execution.destroy();
  }
}

async function measureBlocks(
  { program, allocation, execution, request }: PreparedRun,
  blocks: number,
  pace: Pace,
): Promise<readonly BlockEnergies[]> {
  const { fields } = request.dataset;
  const tables = storedBlocks(program, allocation);
  const factors = await allPopularityFactors(fields, pace);
  const spectra: BlockEnergies[] = [];
  for (const { field, firstId, rows } of popularityBlocks(fields, blocks)) {
    const range = { first: firstId, rows };
    const factor = await factorOfRows(execution, tables[field].table, range, factors[field], pace);
    const { singularValues } = await pace.work(decomposing(factor));
    spectra.push({ field, firstId, energies: energiesOf(singularValues) });
  }
  return spectra;
}
