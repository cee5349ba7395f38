import type { PreparedRun } from '../training/plan/prepareRun.ts';
import { encodeRun } from '../training/weights/runFile.ts';

/** A larger model is not handed to the page, which keeps a few of them. */
const LARGEST_BYTES = 2 ** 28;

/**
 * The run file of the model that was trained last, until the event that tells of it. A Blob: its bytes are the browser's, and
 * the page stores it, or sends it back, without ever reading them.
 */
export class ModelFile {
  #file: Blob | undefined;

  readonly keep = async (run: PreparedRun): Promise<void> => {
    this.#file = undefined;
    if (run.execution.allocatedBytes.parameter > LARGEST_BYTES) return;
    this.#file = new Blob((await encodeRun(run)) as Uint8Array<ArrayBuffer>[]);
  };

  take(): Blob | undefined {
    const file = this.#file;
    this.#file = undefined;
    return file;
  }
}
