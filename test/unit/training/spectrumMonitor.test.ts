import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BackendError, type Execution } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { buildModel } from '../../../src/model/model.ts';
import {
  INTERVAL_PER_COST,
  LEAST_INTERVAL_MS,
  SETTLING_MS,
  SpectrumMonitor,
} from '../../../src/training/spectrum/spectrumMonitor.ts';
import { allocationOf, dataTensors, dlrmSpec, storagesSpec } from '../../support/tinyModel.ts';
import type { SpectrumSnapshot } from '../../../src/training/spectrum/fieldReport.ts';

type Spec = ReturnType<typeof dlrmSpec>;

/** The first field is long enough to be sketched; the fields of others are shared, coded and so on. */
const cardinalities = [6000, 90, 5];
const plain = dlrmSpec({ cardinalities, allocation: allocationOf(cardinalities, [[4], [4, 3, 2], [2]]) });

/** A run to measure. It counts what is attached to its execution, and every read moves the clock by readMs. */
async function openRun(spec: Spec, readMs = 0) {
  const program = buildModel(spec);
  const backend = createCpuBackend();
  const execution = await backend.prepare(program, backend.createData(dataTensors(program)), 3);
  let open = 0;
  const attach = execution.attach.bind(execution);
  const attachCounted: Execution['attach'] = async (addition) => {
    const attachment = await attach(addition);
    open++;
    const close = attachment.destroy.bind(attachment);
    attachment.destroy = () => {
      open--;
      close();
    };
    return attachment;
  };
  const read = execution.read.bind(execution);
  execution.attach = attachCounted;
  execution.read = (...asked) => {
    vi.advanceTimersByTime(readMs);
    return read(...asked);
  };
  const fields = spec.allocation.fields.map((_, f) => {
    const cardinality = cardinalities[f] ?? 30;
    const counts = Uint32Array.from({ length: cardinality }, (__, id) => 1000 - Math.min(999, id));
    return { name: `field ${f}`, cardinality, counts, rareId: cardinality - 1 };
  });
  const dataset = { fields } as unknown as Dataset;
  const run = { execution, program, allocation: spec.allocation, request: { dataset } };
  return { run, isOpen: () => open > 0 };
}

let shown: SpectrumSnapshot[] = [];
let step = 0;
const monitorOf = (field: number | null, exact = false, yieldThread?: () => Promise<void>) =>
  new SpectrumMonitor(
    field === null ? null : { field, exact },
    (snapshot) => shown.push(snapshot),
    yieldThread,
  );
const steps = () => shown.map((snapshot) => snapshot.step);
/** Moves the clock on and lets promises settle. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  shown = [];
  step = 0;
});
afterEach(() => vi.useRealTimers());

describe('a field that is monitored', () => {
  test('is measured when the run has trained for a moment, and then every few seconds', async () => {
    const { run } = await openRun(plain);
    const monitor = monitorOf(1);
    monitor.enter(run, () => step++);
    await pass(SETTLING_MS - 1);
    expect(shown).toEqual([]);
    await pass(1);
    expect(shown).toHaveLength(1);
    await pass(LEAST_INTERVAL_MS - 1);
    expect(shown).toHaveLength(1);
    await pass(3 * LEAST_INTERVAL_MS);
    expect(shown).toHaveLength(4);
    expect(steps()).toEqual(steps().toSorted((a, b) => a - b));
    expect(shown[0].report).toMatchObject({ field: 'field 1', rows: 90, dims: [4, 3, 2], typicalError: 0 });
    expect(shown[0].report!.surprises[0].value).toBeNull();
    await monitor.leave();
  });

  test('is measured less often the more it costs: never more than a twentieth of the time', async () => {
    const costMs = 400;
    const { run } = await openRun(plain, costMs);
    const monitor = monitorOf(2);
    monitor.enter(run, () => step++);
    await pass(SETTLING_MS);
    expect(shown).toHaveLength(1);
    // Measuring a short field reads its table, its projection, and its table again for leverages.
    const reads = 3;
    await pass(INTERVAL_PER_COST * costMs * reads - 1);
    expect(shown).toHaveLength(1);
    await pass(1);
    expect(shown).toHaveLength(2);
    await monitor.leave();
  });

  test('is not measured again while nothing is trained, and nothing is once no field is monitored', async () => {
    const { run, isOpen } = await openRun(plain);
    const monitor = monitorOf(0);
    monitor.enter(run, () => step);
    await pass(10 * LEAST_INTERVAL_MS);
    expect(steps()).toEqual([0]);
    step = 7;
    await pass(LEAST_INTERVAL_MS);
    expect(steps()).toEqual([0, 7]);
    expect(isOpen()).toBe(true);
    monitor.setQuery(null);
    step = 9;
    await pass(10 * LEAST_INTERVAL_MS);
    expect(steps()).toEqual([0, 7]);
    expect(isOpen()).toBe(false);
  });

  test('is measured at once when it is asked for, also while the run stands still', async () => {
    const { run } = await openRun(plain);
    const monitor = monitorOf(null);
    monitor.enter(run, () => step);
    await pass(LEAST_INTERVAL_MS);
    for (const field of [2, 0, 1]) {
      monitor.setQuery({ field, exact: false });
      await pass(0);
    }
    expect(shown.map(({ field }) => field)).toEqual([2, 0, 1]);
    await monitor.leave();
  });

  test('can be measured exactly, in pieces between which the thread is yielded', async () => {
    const { run } = await openRun(plain);
    let yields = 0;
    const yieldThread = () => {
      yields++;
      vi.advanceTimersByTime(500); // others have the thread: no cost
      return Promise.resolve();
    };
    const monitor = monitorOf(0, true, yieldThread);
    monitor.enter(run, () => step++);
    await pass(SETTLING_MS);
    await pass(0);
    expect(shown[0].report).toMatchObject({ typicalError: 0, distortion: 0 });
    expect(yields).toBeGreaterThan(0);
    monitor.setQuery({ field: 0, exact: false });
    await pass(LEAST_INTERVAL_MS);
    expect(shown.at(-1)!.report!.typicalError).toBeGreaterThan(0);
    await monitor.leave();
  });

  test('has no report where vectors are not plain rows, and is not measured again', async () => {
    const { run } = await openRun(storagesSpec());
    const monitor = monitorOf(0);
    monitor.enter(run, () => step++);
    await pass(10 * LEAST_INTERVAL_MS);
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ field: 0, report: null, problem: null });
    await monitor.leave();
  });

  test('says what went wrong, unless the device is lost, which the run reports', async () => {
    const { run } = await openRun(plain);
    const full = new BackendError('out-of-memory', 'No memory is left.', 'Lower the budget.');
    run.execution.attach = () => Promise.reject(full);
    const monitor = monitorOf(0);
    monitor.enter(run, () => step);
    await pass(LEAST_INTERVAL_MS);
    expect(shown).toMatchObject([{ report: null, problem: 'No memory is left. Lower the budget.' }]);
    run.execution.attach = () => Promise.reject(new BackendError('lost', 'Gone.', ''));
    monitor.setQuery({ field: 0, exact: true });
    await pass(LEAST_INTERVAL_MS);
    expect(shown).toHaveLength(1);
    await monitor.leave();
  });
});

describe('before an execution is destroyed', () => {
  test('everything that was open in it is closed, and the next one is measured', async () => {
    const [small, large] = [await openRun(plain), await openRun(plain)];
    const monitor = monitorOf(0);
    monitor.enter(small.run, () => 1);
    await pass(SETTLING_MS);
    expect(small.isOpen()).toBe(true);
    await monitor.leave();
    expect(small.isOpen()).toBe(false);
    await pass(10 * LEAST_INTERVAL_MS);
    expect(steps()).toEqual([1]);
    monitor.enter(large.run, () => 2);
    await pass(SETTLING_MS);
    expect(steps()).toEqual([1, 2]);
    expect([small.isOpen(), large.isOpen()]).toEqual([false, true]);
    await monitor.leave();
    expect(large.isOpen()).toBe(false);
  });

  test('a measurement in progress ends, and shows nothing', async () => {
    const { run, isOpen } = await openRun(plain);
    let resume = (): void => {};
    const yieldThread = () => new Promise<void>((resolve) => (resume = resolve));
    const monitor = monitorOf(0, true, yieldThread);
    monitor.enter(run, () => step);
    await pass(SETTLING_MS);
    const left = monitor.leave();
    resume();
    await left;
    expect(shown).toEqual([]);
    expect(isOpen()).toBe(false);
  });

  test('the monitored field is shown with the weights that the run ends with', async () => {
    const { run, isOpen } = await openRun(plain);
    const monitor = monitorOf(1);
    await monitor.measureBest(run, 40, () => false);
    expect(shown.map(({ field, step: at, isBest }) => [field, at, isBest])).toEqual([[1, 40, true]]);
    expect(isOpen()).toBe(false);
    shown = [];
    await monitor.measureBest(run, 40, () => true);
    expect(shown).toEqual([]);
    monitor.setQuery(null);
    await monitor.measureBest(run, 40, () => false);
    expect(shown).toEqual([]);
  });
});
