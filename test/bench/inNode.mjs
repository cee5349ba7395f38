import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outDir = fileURLToPath(new URL('../../node_modules/.cache/dimmer/bench', import.meta.url));

/** Builds the benchmark for Node and loads it. */
export async function loadNodeBench() {
  await build({
    root,
    logLevel: 'error',
    build: { ssr: 'test/bench/nodeBench.ts', outDir, emptyOutDir: true, minify: false },
  });
  return import(`${outDir}/nodeBench.js`);
}

/** Every case in this process. */
export async function runInNode({ createEnvironment, createNodeGpu, runCase }, requests, { tell }, onResult) {
  const gpu = await createNodeGpu().catch((error) => {
    console.error(`${error.message} ${error.remedy ?? ''} Only the CPU is measured.`);
    return undefined;
  });
  const environment = await createEnvironment(gpu);
  for (const { benchmark, contenders, options } of requests) {
    const able = gpu ? contenders : contenders.filter((id) => !id.endsWith('/webgpu'));
    const report = ({ contender, phase, done, total }) =>
      tell(`${benchmark.name} ${contender}: ${phase} ${done} of ${total}`);
    for (const result of await runCase(benchmark, able, environment, options, report)) onResult(result);
  }
}
