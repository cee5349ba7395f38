import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { cpuKernels } from './src/backend/cpu/kernelsPlugin.mjs';

const source = fileURLToPath(new URL('src/', import.meta.url));

/** Not the charts, which are loaded after the first step, nor the benchmark, which is a page of its own. */
function isOfPage(file: string): boolean {
  return file.startsWith(source) && !/^(benchmark|app\/charts)\//.test(file.slice(source.length));
}

export default defineConfig({
  plugins: [react(), cpuKernels()],
  base: './',
  // The workers' dependencies too: one found only when a worker starts would reload the page.
  optimizeDeps: { entries: ['index.html', 'src/worker/*.ts'] },
  worker: { format: 'es', plugins: () => [cpuKernels()] },
  build: {
    target: 'es2023',
    rolldownOptions: {
      // One file of what several loaded parts of the page share, in the place of thirty small ones, which compress worse.
      output: { codeSplitting: { groups: [{ name: 'shared', test: isOfPage, minShareCount: 2 }] } },
    },
  },
});
