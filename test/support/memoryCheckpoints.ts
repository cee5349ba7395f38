import type { CheckpointFiles } from '../../src/worker/checkpoints.ts';

/** Checkpoint files in memory. Those of an engine that is gone are passed on to the next by sharing the map. */
export function memoryCheckpoints(
  files = new Map<string, (Blob | undefined)[]>(),
  claimed = new Set<string>(),
): CheckpointFiles & { readonly files: typeof files } {
  return {
    files,
    write(runId, slot, pieces) {
      const own = files.get(runId) ?? [undefined, undefined];
      own[slot] = new Blob(pieces as Uint8Array<ArrayBuffer>[]);
      files.set(runId, own);
      return Promise.resolve();
    },
    read: (runId) => Promise.resolve([...(files.get(runId) ?? [])]),
    remove: (runId) => Promise.resolve(void files.delete(runId)),
    abandoned: () => Promise.resolve([...files.keys()].filter((runId) => !claimed.has(runId))),
    claim(runId) {
      claimed.add(runId);
      return () => void claimed.delete(runId);
    },
  };
}
