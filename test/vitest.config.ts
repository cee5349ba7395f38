import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { cpuKernels } from '../src/backend/cpu/kernelsPlugin.mjs';
import { launchOptions } from './chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundled before the first test: found later, they would reload the page under it. */
const pageDependencies = [
  '@base-ui/react/dialog',
  '@base-ui/react/menu',
  '@base-ui/react/popover',
  '@base-ui/react/slider',
  '@noble/hashes/sha2.js',
  '@zip.js/zip.js',
  'axe-core',
  'hyparquet',
  'hyparquet-compressors',
  'idb',
  'lucide-react',
  'pako',
  'react',
  'react-dom',
  'react-dom/client',
  'react/jsx-dev-runtime',
  'recharts',
  'valibot',
  'vitest-browser-react',
  'zstddec/stream',
  'zustand',
  'zustand/middleware',
  'zustand/vanilla',
];

/** Files whose subject is time. */
const timed = 'test/e2e/**/*.timing.test.ts';

/** What compiles most kernels takes as long as all other browser tests: it has a Chromium of its own. */
const kernelTests = ['determinism', 'matmul', 'parity', 'shaders'].map(
  (name) => `test/browser/backend/${name}.test.ts`,
);

/** A new object each time, because vitest writes names into it. */
const inChromium = () => ({
  setupFiles: ['test/support/noEmptyTables.ts', 'test/browser/setup.ts'],
  testTimeout: 60_000,
  sequence: { groupOrder: 0 },
  browser: {
    enabled: true,
    headless: true,
    fileParallelism: false,
    screenshotFailures: false,
    provider: playwright({ launchOptions: launchOptions() }),
    instances: [{ browser: 'chromium' as const }],
  },
});

const endToEnd = {
  environment: 'node',
  globalSetup: ['test/e2e/serveBuild.ts'],
  setupFiles: ['test/support/noEmptyTables.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

// groupOrder: what is timed has the machine to itself, after all else has run side by side.
export default defineConfig({
  root,
  test: {
    // As many at once as cores, less the one that the browser project's pages take.
    maxWorkers: Math.max(1, Math.min(4, availableParallelism() - 1)),
    projects: [
      {
        root,
        plugins: [cpuKernels()],
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/unit/**/*.test.ts'],
          setupFiles: ['test/support/noEmptyTables.ts'],
          // Properties over random models take seconds, and a loaded machine several times that.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        plugins: [react(), cpuKernels()],
        optimizeDeps: { include: pageDependencies },
        test: {
          ...inChromium(),
          name: 'browser',
          include: ['test/browser/**/*.test.{ts,tsx}'],
          exclude: kernelTests,
        },
      },
      {
        root,
        plugins: [cpuKernels()],
        test: { ...inChromium(), name: 'kernels', include: kernelTests },
      },
      {
        root,
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: [timed],
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: {
          ...endToEnd,
          name: 'timing',
          include: [timed],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
