// npm run bench:claims, bench:kills, bench:logs, bench:resize, bench:search, bench:spectrum, bench:view: imports the script that its first argument names.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { cpuKernels } from '../../src/backend/cpu/kernelsPlugin.mjs';

const [script] = process.argv.splice(2, 1);
await runnerImport(fileURLToPath(new URL(script, import.meta.url)), {
  root: fileURLToPath(new URL('../..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  plugins: [cpuKernels()],
});
process.exit();
