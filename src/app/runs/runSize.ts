import { bytesBesideData } from '../../program/memory.ts';
import { formatBytes, formatCount, formatShort } from '../shared/format.ts';
import { type RunRecord, storedParameters } from './runRecord.ts';
import type { RunStage } from '../../training/events/events.ts';

export type SizeId = 'parameters' | 'training-memory';

/** A measure of size that accuracy is compared with. */
export interface RunSize {
  readonly id: SizeId;
  /** Completes "accuracy against …": short, and in full for screen readers. */
  readonly label: string;
  readonly phrase: string;
  readonly of: (run: RunRecord) => number;
  readonly ofStage: (stage: RunStage) => number;
  readonly formatTick: (value: number) => string;
  /** With its unit. */
  readonly format: (value: number) => string;
}

export const runSizes: Readonly<Record<SizeId, RunSize>> = {
  parameters: {
    id: 'parameters',
    label: 'parameters',
    phrase: 'parameters of the embedding layer',
    of: ({ result }) => storedParameters(result),
    ofStage: ({ allocation }) => allocation.parameters,
    formatTick: formatShort,
    format: (value) => `${formatCount(value)} parameters`,
  },
  'training-memory': {
    id: 'training-memory',
    label: 'memory',
    phrase: 'bytes that training took beside its examples',
    of: ({ result }) => bytesBesideData(result.bytes),
    ofStage: ({ bytes }) => bytesBesideData(bytes),
    formatTick: formatBytes,
    format: (value) => `${formatBytes(value)} of training memory`,
  },
};
