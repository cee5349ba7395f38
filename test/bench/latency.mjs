// npm run latency: what a person waits for, in the built app, in Chromium on the software adapter.
//   --samples <n>   of each figure (default 5)
//   --only <part>   only the figures whose name has it
//   --json          a line for each figure on stdout, nothing else
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const { values } = parseArgs({
  options: {
    samples: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});

const { module } = await runnerImport('./test/bench/latency.ts');
const load = () => loadavg()[0].toFixed(1);
const [{ model }] = cpus();
console.error(`${model}, ${cpus().length} cores, load average ${load()}`);
if (!values.json) console.log('| what | backend | median | least – largest |\n|---|---|---|---|');
await module.measureLatency({ samples: Number(values.samples), only: values.only }, (figure) => {
  const { name, backend, medianMs, minMs, maxMs } = figure;
  const range = `${Math.round(minMs)} – ${Math.round(maxMs)} ms`;
  console.log(
    values.json ? JSON.stringify(figure) : `| ${name} | ${backend} | ${Math.round(medianMs)} ms | ${range} |`,
  );
});
console.error(`load average at the end ${load()}`);
