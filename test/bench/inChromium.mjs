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

/** Every series in a browser of its own: a crash, or memory that a library keeps, ends with it. */
export async function runInChromium(_bench, allSeries, { gpu, isolated, tell, onResult, onProblem }) {
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
    const address = `${server.resolvedUrls.local[0]}test/bench/index.html`;
    for (const series of allSeries) {
      try {
        for (const result of await runSeries(address, flags, series, tell)) onResult(result);
      } catch (error) {
        onProblem(series, error);
      }
    }
  } finally {
    await server.close();
  }
}

async function runSeries(address, flags, series, tell) {
  const browser = await chromium.launch(launchOptions(flags));
  try {
    const page = await browser.newPage();
    const lost = new Promise((_, reject) => {
      page.on('crash', () => reject(new Error('the page crashed')));
      browser.on('disconnected', () => reject(new Error('the browser stopped')));
    });
    lost.catch(() => {});
    await page.exposeFunction('reportProgress', tell);
    await page.goto(address);
    await page.waitForFunction(() => 'runBenchmarkSeries' in globalThis);
    const results = page.evaluate((each) => globalThis.runBenchmarkSeries(each), series);
    return await Promise.race([results, lost]);
  } finally {
    await browser.close();
  }
}
