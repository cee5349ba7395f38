import { describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { fitMemory, type MemoryChoice } from '../../../src/training/plan/fitMemory.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { TrainingError } from '../../../src/training/events/errors.ts';
import { expectWithinLimit } from '../../support/memoryLimits.ts';

const free = { activationBits: null, gradientRank: null, batch: null } as const;
const exact = (batch: number): MemoryChoice => ({ activationBits: '32', gradientRank: 0, batch });

describe('fitting into a limit', () => {
  /** As in a large MLP: activations go with the batch, gradients with the rank. */
  const measure = ({ activationBits, gradientRank, batch }: MemoryChoice): number =>
    1000 + (gradientRank || 100) * 10 + batch * Number(activationBits);

  const fit = (limit: number, asked: Parameters<typeof fitMemory>[2] = free): MemoryChoice =>
    fitMemory(limit, exact(asked.batch ?? 512), asked, measure);

  test('keeps what was asked where it fits', () => {
    expect(fit(18_384)).toEqual(exact(512));
  });

  test('takes activation bits first, then the rank of gradients, then the batch', () => {
    expect(fit(18_383)).toEqual({ activationBits: '16', gradientRank: 0, batch: 512 });
    expect(fit(4100)).toEqual({ activationBits: '4', gradientRank: 0, batch: 512 });
    expect(fit(4000)).toEqual({ activationBits: '4', gradientRank: 64, batch: 512 });
    expect(fit(3058)).toEqual({ activationBits: '4', gradientRank: 1, batch: 512 });
    expect(fit(3057)).toEqual({ activationBits: '4', gradientRank: 0, batch: 256 });
  });

  test('takes nothing in vain', () => {
    const onlyBatch = ({ batch }: MemoryChoice): number => batch;
    expect(fitMemory(100, exact(512), free, onlyBatch)).toEqual(exact(64));
  });

  test('leaves alone what was set by hand', () => {
    const asked = { ...free, activationBits: '8', batch: 512 } as const;
    const choice = fitMemory(5200, { ...exact(512), activationBits: '8' }, asked, measure);
    expect(choice).toEqual({ activationBits: '8', gradientRank: 4, batch: 512 });
  });

  test('says the smallest limit there is, of all choices, and what could be left free', () => {
    expect(() => fit(1000)).toThrow(
      'the least it takes is 0.001042 MB, with a batch of 8, gradients of rank 1 and activations of 4 bits',
    );
    // Small batches need more slots for what is counted per batch.
    const bent = ({ batch }: MemoryChoice): number => 1e6 + Math.abs(batch - 64);
    expect(() => fitMemory(1000, exact(512), free, bent)).toThrow('is 1 MB, with a batch of 64.');
    const odd = (): number => 1_234_567;
    expect(() => fitMemory(1000, exact(512), free, odd)).toThrow('1.235 MB');
    const remedyOf = (asked: Parameters<typeof fitMemory>[2]): string => {
      try {
        fitMemory(1000, exact(512), asked, odd);
      } catch (error) {
        if (error instanceof TrainingError) return error.remedy;
      }
      return '';
    };
    expect(remedyOf(free)).toBe('Give 1.235 MB or more, or lower the memory budget.');
    expect(remedyOf({ ...free, gradientRank: 0, batch: 512 })).toBe(
      'Give 1.235 MB or more, lower the memory budget, or leave gradient rank and the batch on auto.',
    );
  });
});

test('a decoder’s activations give way alone where that is enough', async () => {
  const settings: Settings = {
    ...defaultSettings,
    method: 'deep-hash',
    vectorDim: 8,
    epochs: 1,
    batch: 300,
    learningRate: 1e-4,
  };
  const run = { data: 'many clicks', settings, share: 0.9 } as const;
  expect(await expectWithinLimit(createCpuBackend(), run)).toBe('activationBits');
});
