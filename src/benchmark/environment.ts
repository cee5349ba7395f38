import { createCpuBackend } from '../backend/cpu/backend.ts';
import { createWebGpuBackend } from '../backend/webgpu/backend.ts';
import { describeAdapter } from '../backend/webgpu/device.ts';
import type { ContenderId } from './cases.ts';
import type { Contender, Workload } from './workload.ts';
import { startDimmer } from './dimmer.ts';
import type { BenchmarkEnvironment } from './runSeries.ts';
import { watchGpu } from './watchGpu.ts';

/** @param gpu navigator.gpu in a browser, createNodeGpu() in Node; undefined: the CPU only. */
export async function createEnvironment(gpu: GPU | undefined): Promise<BenchmarkEnvironment> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  return {
    watch: watchGpu(),
    gpuAdapter: adapter ? describeAdapter(adapter.info) : 'none',
    start: (id, workload) => start(id, workload, gpu),
  };
}

/** The code of other libraries is loaded only when they are asked for. */
async function start(id: ContenderId, workload: Workload, gpu: GPU | undefined): Promise<Contender> {
  switch (id) {
    case 'dimmer/webgpu':
      return startDimmer(workload, await createWebGpuBackend(gpu));
    case 'dimmer/cpu':
      return startDimmer(workload, createCpuBackend());
    case 'tfjs/webgpu': {
      const { startTfjs } = await import('./peers/tfjs.ts');
      return startTfjs(workload);
    }
    case 'jax-js/webgpu':
    case 'jax-js/wasm': {
      const { startJax } = await import('./peers/jax.ts');
      return startJax(workload, id === 'jax-js/wasm' ? 'wasm' : 'webgpu');
    }
  }
}
