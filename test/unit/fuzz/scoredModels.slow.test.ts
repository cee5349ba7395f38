import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { load } from '../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../src/data/source.ts';
import { Random } from '../../../src/random/random.ts';
import type { MethodId } from '../../../src/settings/settings.ts';
import { scoreLines } from '../../../src/training/scoring/scoreLines.ts';
import { Scorer } from '../../../src/training/scoring/scorer.ts';
import { openRun } from '../../../src/training/weights/runFile.ts';
import { mutateJson } from '../../support/mutations.ts';
import { saveTinyRun } from '../../support/savedRuns.ts';
import { blobOf, joinTensors, signHeader, splitTensors } from '../../support/tensorFiles.ts';

const METADATA = '__metadata__';

const lines = Array.from({ length: 400 }, (_, i) => `${(i >> 2) % 2},${i % 9},u${i % 5},i${i % 11}`);
const log = () =>
  Object.assign(new Blob([`label,price,user,item\n${lines.join('\n')}`]), { name: 'log.csv' });

async function save(method: MethodId): Promise<Uint8Array<ArrayBuffer>> {
  const roles = ['label', 'number', 'category', 'category'] as const;
  const dataset = await load(log(), { ...defaultLoadOptions, roles, keepNames: true });
  return saveTinyRun({ method, budget: 400, batch: 64, epochs: 1, topMlp: '', bottomMlp: '' }, dataset);
}

async function scoreAll(file: Blob): Promise<number> {
  const saved = await openRun(file);
  const scorer = await Scorer.open(saved, createCpuBackend());
  try {
    let count = 0;
    for await (const { scores } of scoreLines(saved, scorer, log(), {})) count += scores.length;
    return count;
  } finally {
    scorer.destroy();
  }
}

const methods = [
  'mixed-dimension',
  'hashing',
  'robe',
  'lma',
  'deep-hash',
  'tensor-train',
  'path',
  'int8',
  'pep',
] as const;

test.each(methods)(
  'of 700 models of %s whose description was changed and signed anew, each scores or is refused by name',
  { timeout: 240_000 },
  async (method) => {
    const random = new Random(1, `models of ${method}`);
    const { header, data } = splitTensors(await save(method));
    let scored = 0;
    for (let i = 0; i < 700; i++) {
      const parsed = JSON.parse(header);
      const metadata = parsed[METADATA];
      metadata.run = JSON.stringify(mutateJson(random, JSON.parse(metadata.run)));
      const file = blobOf(joinTensors({ header: signHeader(JSON.stringify(parsed)), data }));
      const startMs = performance.now();
      try {
        await scoreAll(file);
        scored++;
      } catch (error) {
        const { name, message, remedy, stack } = error as Error & { readonly remedy?: string };
        expect(name, `model ${i}: ${stack}`).toMatch(/^(Training|Data|Setting|Allocation)Error$/);
        expect(remedy).toMatch(/\S.*[.]$/);
        expect(message.length).toBeLessThan(1000);
      }
      expect(performance.now() - startMs, `model ${i}`).toBeLessThan(3000);
    }
    expect(scored).toBeGreaterThan(20);
  },
);
