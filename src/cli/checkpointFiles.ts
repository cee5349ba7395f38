import { openAsBlob } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Checkpoint } from '../training/checkpoint/checkpoint.ts';
import {
  type CheckpointOwner,
  encodeCheckpoint,
  openCheckpoint,
} from '../training/checkpoint/checkpointFile.ts';
import { UsageError, WriteError } from './usage.ts';
import { writeWhole } from './wholeFile.ts';

/** The two files that the checkpoints of a run are written to in turn, so that the last one is whole whatever happens. */
export function checkpointPaths(base: string): readonly [string, string] {
  return [`${base}-1`, `${base}-2`];
}

/** A run that can go on. */
export interface LastCheckpoint {
  readonly path: string;
  readonly owner: CheckpointOwner;
  readonly checkpoint: Checkpoint;
}

/** The last checkpoint that is whole; undefined: there is none. What is of no use is told on stderr. */
export async function readLastCheckpoint(base: string): Promise<LastCheckpoint | undefined> {
  const opened = await Promise.all(checkpointPaths(base).map(openAt));
  const found = opened.filter((saved) => saved !== undefined).sort((a, b) => b.step - a.step);
  for (const { path, owner, read } of found) {
    const checkpoint = await read().catch((error: unknown) => sayUseless(path, error));
    if (checkpoint) return { path, owner, checkpoint };
  }
  return undefined;
}

async function openAt(path: string) {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) return undefined;
  try {
    return { path, ...(await openCheckpoint(await openAsBlob(path))) };
  } catch (error) {
    return sayUseless(path, error);
  }
}

/** Errors that carry a remedy are about the file; others are faults of the program. */
function sayUseless(path: string, error: unknown): undefined {
  if (!(error instanceof Error && ('remedy' in error || 'code' in error))) throw error;
  process.stderr.write(`${path} is of no use: ${error.message}\n`);
  return undefined;
}

/** Rejects with UsageError where a run that has not ended would lose its checkpoints to a new one. */
export async function checkNoneLeft(base: string, resume: string): Promise<void> {
  for (const path of checkpointPaths(base))
    if (await stat(path).catch(() => undefined))
      throw new UsageError(
        `${path} is of a run that has not ended.`,
        `Go on with it: dimmer train --resume ${resume}. Or delete it to start again.`,
      );
}

/** Writes the checkpoints of a run. Where one cannot be written training goes on, and stderr says so. */
export class CheckpointFiles {
  readonly #paths: readonly [string, string];
  readonly #owner: CheckpointOwner;
  #next: 0 | 1;
  /** Of the last one on the disk; undefined: there is none. */
  lastStep: number | undefined;
  #isFailing = false;

  /** `last`: the one that the run goes on from, which the next one leaves alone. */
  constructor(base: string, owner: CheckpointOwner, last?: LastCheckpoint) {
    this.#paths = checkpointPaths(base);
    this.#owner = owner;
    this.#next = last?.path === this.#paths[0] ? 1 : 0;
    this.lastStep = last && this.#paths.includes(last.path) ? last.checkpoint.position.step : undefined;
  }

  readonly write = async (checkpoint: Checkpoint): Promise<void> => {
    const { step } = checkpoint.position;
    try {
      await writeWhole(this.#paths[this.#next], await encodeCheckpoint(checkpoint, this.#owner));
    } catch (error) {
      if (!(error instanceof WriteError)) throw error;
      this.#sayFailure(step, error);
      return;
    }
    this.#next = this.#next === 0 ? 1 : 0;
    this.lastStep = step;
    if (this.#isFailing) process.stderr.write(`Checkpoints are kept again, from step ${step} on.\n`);
    this.#isFailing = false;
  };

  /** Once until it works again. */
  #sayFailure(step: number, { message, remedy }: WriteError): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const last = this.lastStep === undefined ? 'no checkpoint' : `the checkpoint of step ${this.lastStep}`;
    process.stderr.write(
      `No checkpoint after step ${step}. ${message} Training goes on with ${last}.\n${remedy}\n`,
    );
  }

  /** The run is over and needs none any more. */
  async remove(): Promise<void> {
    for (const path of this.#paths) await rm(path, { force: true });
    this.lastStep = undefined;
  }
}
