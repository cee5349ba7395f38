import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WriteError } from './usage.ts';
import { writeWhole } from './wholeFile.ts';

/** What all kept predictions of a comparison may take; the predictions of further runs are not kept. */
const ROOM_BYTES = 2 ** 28;

/** The test predictions of finished runs, by the key of the run. */
export interface KeptPredictions {
  keep(key: string, predictions: Float32Array): Promise<void>;
  /** [examples]; undefined: they were not kept. */
  find(key: string): Promise<Float32Array | undefined>;
}

/** In a folder beside the file of results; in memory where there is none. */
export function keepPredictions(resultPath: string, roomBytes = ROOM_BYTES): KeptPredictions {
  return resultPath === '' ? inMemory(roomBytes) : inFolder(`${resultPath}.predictions`, roomBytes);
}

function inMemory(roomBytes: number): KeptPredictions {
  const kept = new Map<string, Float32Array>();
  let room = roomBytes;
  return {
    keep(key, predictions) {
      room -= predictions.byteLength;
      if (room >= 0) kept.set(key, predictions);
      return Promise.resolve();
    },
    find: (key) => Promise.resolve(kept.get(key)),
  };
}

/** A file of float32 a run. Several processes may write there: together they may pass the limit by one file each. */
function inFolder(folder: string, roomBytes: number): KeptPredictions {
  const pathOf = (key: string): string => join(folder, `${key}.f32`);
  return {
    async keep(key, predictions) {
      try {
        await mkdir(folder, { recursive: true });
        if ((await sizeOf(folder)) + predictions.byteLength > roomBytes) return;
        const { buffer, byteOffset, byteLength } = predictions;
        await writeWhole(pathOf(key), [new Uint8Array(buffer, byteOffset, byteLength)]);
      } catch (error) {
        // The line of the run counts; that its examples cannot be compared is told where they are.
        if (!(error instanceof WriteError) && !(error instanceof Error && 'code' in error)) throw error;
      }
    },
    async find(key) {
      const bytes = await readFile(pathOf(key)).catch(() => undefined);
      return bytes && bytes.length % 4 === 0 ? new Float32Array(new Uint8Array(bytes).buffer) : undefined;
    },
  };
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
