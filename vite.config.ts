import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { cpuKernels } from './src/backend/cpu/kernelsPlugin.mjs';

export default defineConfig({
  plugins: [react(), cpuKernels()],
  base: './',
  // The workers' dependencies too: one found only when a worker starts would reload the page.
  optimizeDeps: { entries: ['index.html', 'src/worker/*.ts'] },
  worker: { format: 'es', plugins: () => [cpuKernels()] },
  build: { target: 'es2023' },
});
