import type { Backend } from '../backend/backend.ts';
import type { BackendId } from '../settings/settings.ts';
import { unscheduled } from '../training/loop/scheduling.ts';

/** Loads only the code of the backend that is asked for. Rejects with BackendError. */
export async function openBackend(kind: BackendId): Promise<Backend> {
  if (kind === 'cpu') return (await import('../backend/cpu/backend.ts')).createCpuBackend();
  const { createNodeGpu } = await import('../backend/webgpu/node.ts');
  const { createWebGpuBackend } = await import('../backend/webgpu/backend.ts');
  return createWebGpuBackend(await createNodeGpu());
}

/** Trains as fast as it goes, but hears Ctrl+C between two slices. */
export const heedful = unscheduled(() => new Promise<void>((resolve) => setImmediate(resolve)));
