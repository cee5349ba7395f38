import { beforeAll, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { Random } from '../../../src/random/random.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import type { Checkpoint } from '../../../src/training/checkpoint/checkpoint.ts';
import { encodeCheckpoint, openCheckpoint } from '../../../src/training/checkpoint/checkpointFile.ts';
import { trainRun } from '../../../src/training/train.ts';
import { openRun, type SavedRun } from '../../../src/training/weights/runFile.ts';
import { loadWeights } from '../../../src/training/weights/trainedWeights.ts';
import { mutateBytes, mutateJson, pick } from '../../support/mutations.ts';
import { saveTinyRun } from '../../support/savedRuns.ts';
import {
  blobOf,
  joinTensors,
  signHeader,
  splitTensors,
  withoutChecksums,
} from '../../support/tensorFiles.ts';
import { tinyDataset, tinySettings } from '../training/tinyDataset.ts';

const METADATA = '__metadata__';

/** The parts of a mutated header: JSON changed anywhere, in the description of a run or checkpoint too, or a name twice. */
function mutateHeader(random: Random, header: string): string {
  const parsed = JSON.parse(header);
  const inner = random.below(2) === 0 ? pick(random, ['run', 'checkpoint']) : undefined;
  const text: unknown = inner === undefined ? undefined : parsed[METADATA][inner];
  if (inner !== undefined && typeof text === 'string') {
    parsed[METADATA][inner] = JSON.stringify(mutateJson(random, JSON.parse(text)));
    return JSON.stringify(parsed);
  }
  if (random.below(10) === 0) {
    const name = pick(random, Object.keys(parsed));
    return header.replace('{', () => `{${JSON.stringify(name)}:${JSON.stringify(parsed[name])},`);
  }
  return JSON.stringify(mutateJson(random, parsed)) ?? '';
}

/** Resolves to what was read, or undefined where an error of this project refused it. Fails for other errors and for taking long. */
async function readOrRefuse<T>(read: () => Promise<T>, what: string): Promise<T | undefined> {
  const start = performance.now();
  try {
    return await read();
  } catch (error) {
    const { name, message, remedy } = error as Partial<Error & { remedy: string }>;
    expect(name, `${what}: ${String((error as Error).stack)}`).toMatch(
      /^(Training|Allocation|BudgetTooSmall|Setting)Error$/,
    );
    expect(remedy, what).toMatch(/\S.*[.]$/);
    expect(message!.length, what).toBeLessThan(600);
    return undefined;
  } finally {
    expect(performance.now() - start, what).toBeLessThan(1000);
  }
}

const contentOf = async ({ run, tensors }: SavedRun) => ({
  run,
  tensors: await Promise.all([...tensors.entries.keys()].map((name) => tensors.read(name))),
});

let saved: Uint8Array<ArrayBuffer>;
let kept: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  saved = await saveTinyRun({
    method: 'mixed-dimension',
    budget: 200,
    alpha: 0.5,
    topMlp: '',
    bottomMlp: '',
  });
  let checkpoint: Checkpoint | undefined;
  const keeper = {
    isDue: () => checkpoint === undefined,
    keep: (own: Checkpoint) => (checkpoint = own),
    settled: () => Promise.resolve(),
  };
  const settings = { ...tinySettings, epochs: 2, topMlp: '', bottomMlp: '' };
  const dataset = tinyDataset('click');
  for await (const _ of trainRun({ settings, dataset, backend: createCpuBackend(), checkpoints: keeper }));
  const owner = { runId: null, data: { name: 'tiny', fingerprint: 'print' }, note: '' };
  kept = await blobOf(...(await encodeCheckpoint(checkpoint!, owner))).bytes();
});

test('of 6,000 mutated run files, those that open hold what was saved', { timeout: 120_000 }, async () => {
  const random = new Random(1, 'run files');
  const whole = await contentOf(await openRun(blobOf(saved)));
  const { header, data } = splitTensors(saved);
  let refused = 0;
  for (let i = 0; i < 6000; i++) {
    const file =
      i % 2 ? mutateBytes(random, saved) : joinTensors({ header: mutateHeader(random, header), data });
    const read = await readOrRefuse(async () => contentOf(await openRun(blobOf(file))), `run file ${i}`);
    if (read) expect(read).toEqual(whole);
    else refused++;
  }
  expect(refused).toBeGreaterThan(5000);
});

test('of 4,000 mutated checkpoints, those that open hold what was kept', { timeout: 120_000 }, async () => {
  const random = new Random(1, 'checkpoints');
  const open = async (file: Uint8Array) => {
    const { owner, step, read } = await openCheckpoint(blobOf(file));
    return { owner, step, checkpoint: await read() };
  };
  const whole = await open(kept);
  const { header, data } = splitTensors(kept);
  for (let i = 0; i < 4000; i++) {
    const file =
      i % 2 ? mutateBytes(random, kept) : joinTensors({ header: mutateHeader(random, header), data });
    const read = await readOrRefuse(() => open(file), `checkpoint ${i}`);
    if (read) expect(read).toEqual(whole);
  }
});

// Nobody can tell a changed weight by itself where there is no checksum, or a right one for what was changed.
test(
  'of 4,000 run files with mutated headers and no wrong checksum, those that load are in themselves right',
  { timeout: 120_000 },
  async () => {
    const random = new Random(1, 'signed run files');
    const { header, data } = splitTensors(saved);
    const plain = withoutChecksums(header).replace('dimmer-run-2', 'dimmer-run-1');
    const target = {
      dataset: tinyDataset('click'),
      backend: createCpuBackend(),
      batchCache: new DeviceBatchesCache(),
    };
    let loaded = 0;
    for (let i = 0; i < 4000; i++) {
      const changed = i % 2 ? signHeader(mutateHeader(random, header)) : mutateHeader(random, plain);
      const file = blobOf(joinTensors({ header: changed, data }));
      const model = await readOrRefuse(async () => {
        const opened = await openRun(file);
        for (const { shape, values } of (await contentOf(opened)).tensors)
          expect(values).toHaveLength(shape.reduce((product, size) => product * size, 1));
        return loadWeights(opened, target);
      }, `signed run file ${i}`);
      if (!model) continue;
      loaded++;
      for (const values of model.state.values())
        expect(values.every((value) => Number.isFinite(value))).toBe(true);
    }
    expect(loaded).toBeGreaterThan(100);
  },
);
