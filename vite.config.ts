import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { cpuKernels } from './src/backend/cpu/kernelsPlugin.mjs';

export default defineConfig({
  plugins: [react(), cpuKernels()],
  base: './',
  worker: { format: 'es', plugins: () => [cpuKernels()] },
  build: { target: 'es2023' },
});
