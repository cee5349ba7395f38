import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { createServer } from 'vite';
import { launchOptions, softwareAdapterFlags } from '../chromium.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Timestamps in nanoseconds instead of steps of 100 µs. */
const measuringFlags = ['--enable-webgpu-developer-features'];
const gpuFlags = [
  '--headless=new',
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
];
const isolatingHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Every case in a browser of its own: a crash, or memory that a library keeps, ends with it. */
export async function runInChromium(_bench, requests, { gpu, isolated, tell }, onResult) {
  const server = await createServer({
    root,
    logLevel: 'error',
    cacheDir: 'node_modules/.cache/bench',
    server: {
      host: '127.0.0.1',
      port: 0,
      hmr: false,
      watch: null,
      headers: isolated ? isolatingHeaders : {},
    },
    optimizeDeps: {
      entries: ['test/bench/index.html', 'src/benchmark/worker.ts'],
      include: ['@jax-js/jax', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'],
    },
  });
  await server.listen();
  try {
    const flags = [...(gpu ? gpuFlags : softwareAdapterFlags), ...measuringFlags];
    for (const request of requests)
      await runRequest(
        `${server.resolvedUrls.local[0]}test/bench/index.html`,
        flags,
        request,
        tell,
        onResult,
      );
  } finally {
    await server.close();
  }
}

async function runRequest(address, flags, request, tell, onResult) {
  const browser = await chromium.launch(launchOptions(flags));
  try {
    const page = await browser.newPage();
    const lost = new Promise((_, reject) => {
      page.on('crash', () => reject(new Error('the page crashed')));
      browser.on('disconnected', () => reject(new Error('the browser stopped')));
    });
    lost.catch(() => {});
    await page.exposeFunction('reportProgress', ({ contender, phase, done, total }) => {
      tell(`${request.benchmark.name} ${contender}: ${phase} ${done} of ${total}`);
    });
    await page.goto(address);
    await page.waitForFunction(() => 'runBenchmarkCase' in globalThis);
    const results = page.evaluate((each) => globalThis.runBenchmarkCase(each), request);
    for (const result of await Promise.race([results, lost])) onResult(result);
  } finally {
    await browser.close();
  }
}
