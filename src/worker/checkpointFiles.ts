import type { CheckpointFiles } from './checkpoints.ts';

const FOLDER = 'checkpoints';
const slots = [0, 1] as const;

/** A run's id may hold what a file's name may not. */
const nameOf = (runId: string, slot: 0 | 1): string => `${encodeURIComponent(runId)}.${slot}`;
const lockOf = (runId: string): string => `dimmer-run-${runId}`;

/**
 * Files in the origin private file system. Only a dedicated worker can write them. A tab holds a lock on the runs that it trains,
 * which the browser lets go when the tab is gone, however that happens.
 */
export const storedCheckpointFiles: CheckpointFiles = {
  async write(runId, slot, pieces) {
    const folder = await openFolder();
    const file = await folder.getFileHandle(nameOf(runId, slot), { create: true });
    const access = await file.createSyncAccessHandle();
    try {
      access.truncate(0);
      let at = 0;
      for (const piece of pieces) at += writeWhole(access, piece as Uint8Array<ArrayBuffer>, at);
      access.flush();
    } finally {
      access.close();
    }
  },
  async read(runId) {
    const folder = await openFolder();
    return Promise.all(
      slots.map(async (slot) => {
        const handle = await folder.getFileHandle(nameOf(runId, slot)).catch(() => undefined);
        return handle?.getFile();
      }),
    );
  },
  async remove(runId) {
    const folder = await openFolder();
    await Promise.all(slots.map((slot) => folder.removeEntry(nameOf(runId, slot)).catch(() => {})));
  },
  async abandoned() {
    const folder = await openFolder();
    const runIds = new Set<string>();
    for await (const name of folder.keys()) runIds.add(decodeURIComponent(name.replace(/\.\d$/, '')));
    const { held = [] } = await navigator.locks.query();
    const trained = new Set(held.map(({ name }) => name));
    return [...runIds].filter((runId) => !trained.has(lockOf(runId)));
  },
  claim(runId) {
    const gate: { open?: () => void } = {};
    const released = new Promise<void>((resolve) => {
      gate.open = resolve;
    });
    // Refused where nothing is stored either.
    navigator.locks?.request(lockOf(runId), () => released).catch(() => {});
    return () => gate.open?.();
  },
};

/** Rejects with the browser's errors: in a private window, for example. */
async function openFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

function writeWhole(access: FileSystemSyncAccessHandle, piece: Uint8Array<ArrayBuffer>, at: number): number {
  const written = access.write(piece, { at });
  if (written < piece.length) throw new DOMException('There is no room left.', 'QuotaExceededError');
  return written;
}
