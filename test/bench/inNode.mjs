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

/** Every series in this process. */
export async function runInNode(
  { createEnvironment, createNodeGpu, runSeries },
  allSeries,
  { tell, onResult },
) {
  const gpu = await createNodeGpu().catch((error) => {
    console.error(`${error.message} ${error.remedy ?? ''} Only the CPU is measured.`);
    return undefined;
  });
  const environment = await createEnvironment(gpu);
  for (const { cases, options } of allSeries) {
    const able = cases.map(({ benchmark, contenders }) => ({
      benchmark,
      contenders: gpu ? contenders : contenders.filter((id) => !id.endsWith('/webgpu')),
    }));
    for (const result of await runSeries({ cases: able, options }, environment, tell)) onResult(result);
  }
}
