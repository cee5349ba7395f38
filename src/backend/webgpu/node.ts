import { BackendError } from '../backend.ts';

/** Dawn aborts the process ("Owner died") when a GPU object is collected while its devices live. */
const instances: GPU[] = [];

/**
 * WebGPU in Node: Dawn, from the npm package `webgpu`, on the machine's Vulkan, Metal or Direct3D
 * driver. Never imported by the page. Throws BackendError 'no-api' or 'no-driver'.
 */
export async function createNodeGpu(): Promise<GPU> {
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw new BackendError(
      'no-api',
      `The npm package webgpu could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Run npm ci; it has builds for Linux, macOS and Windows on x64 and arm64. Or use --backend cpu.',
      cause,
    );
  });
  // GPUBufferUsage and the like, which browsers define.
  Object.assign(globalThis, globals);
  const gpu = create([]);
  if (!(await gpu.requestAdapter()))
    throw new BackendError(
      'no-driver',
      'No graphics driver that WebGPU can use was found on this machine.',
      'Install the GPU vendor’s Vulkan driver, or a software one (Debian, Ubuntu: apt-get install mesa-vulkan-drivers, version 24 or newer), or use --backend cpu.',
    );
  instances.push(gpu);
  return gpu;
}
