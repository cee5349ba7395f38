// npm run bench:spectrum: see spectrum.ts, which does everything while it is imported.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { cpuKernels } from '../../src/backend/cpu/kernelsPlugin.mjs';

await runnerImport(fileURLToPath(new URL('spectrum.ts', import.meta.url)), {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  plugins: [cpuKernels()],
});
process.exit(0);
