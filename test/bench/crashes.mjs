// npm run crashes: kills the graphics process, or the tab, at random moments of a run, and says what became of it.
//   --gpu <n>    deaths of the graphics process (default 20)
//   --tabs <n>   deaths of the tab (default 20)
//   --seed <n>   of the moments (default 1)
//   --only <s>   only while this goes on: training, evaluation, resize, spectrum or compare
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values } = parseArgs({
  options: {
    gpu: { type: 'string', default: '20' },
    tabs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});

const { module } = await runnerImport('./test/bench/crashes.ts');
const [gpu, tabs, seed] = [values.gpu, values.tabs, values.seed].map(Number);
const isGood = await module.crash({ gpu, tabs, seed, only: values.only });
console.error(`load average at the end ${loadavg()[0].toFixed(1)}`);
process.exit(isGood ? 0 : 1);
