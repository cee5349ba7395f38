#!/usr/bin/env node
// Runs the TypeScript of this folder as it is: Vite's module runner also understands the shaders'
// ?raw imports and the compiled CPU kernels. entry.ts does everything while it is imported.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { cpuKernels } from '../backend/cpu/kernelsPlugin.mjs';

await runnerImport(fileURLToPath(new URL('entry.ts', import.meta.url)), {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  plugins: [cpuKernels()],
});
