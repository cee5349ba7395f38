// npm run bench: this engine and its peers, side by side, in Chromium on the software adapter.
//   --case <substring>     only the cases whose name has it (several: repeat)
//   --only <contenders>    as dimmer/webgpu,jax-js/wasm
//   --quick                a few small cases, short rounds
//   --rounds <n>           interleaved rounds, at least 3 (default 5)
//   --patience <seconds>   longest comparison of one contender, a round a quarter (default 120)
//   --gpu                  Chromium on the machine's own GPU
//   --isolated             a cross-origin isolated page: jax-js on wasm uses threads there
//   --node                 our side in Node: Dawn on the machine's Vulkan, Metal or Direct3D driver
//   --kernels              GPU time of every kernel
//   --optimizer <name>     sgd (default) or adagrad, one accumulator a row on the tables; adagrad is ours alone
//   --pytorch <python>     PyTorch's DLRM of the same shapes as well, in that Python: see pytorch.py
//   --json                 a line for each case and contender on stdout, nothing else
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { loadNodeBench, runInNode } from './inNode.mjs';
import { runInChromium } from './inChromium.mjs';
import { runInPytorch } from './inPytorch.mjs';

const { values } = parseArgs({
  options: {
    case: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    patience: { type: 'string', default: '120' },
    gpu: { type: 'boolean', default: false },
    isolated: { type: 'boolean', default: false },
    node: { type: 'boolean', default: false },
    kernels: { type: 'boolean', default: false },
    optimizer: { type: 'string', default: 'sgd' },
    pytorch: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const bench = await loadNodeBench();
const chosen = chooseSeries();
if (chosen.length === 0) {
  console.error(`No case has ${values.case.join(' or ')} in its name: ${names(bench.benchmarkCases)}`);
  process.exit(1);
}
const [{ model }] = cpus();
const load = loadavg()[0].toFixed(1);
console.error(`${model}, ${cpus().length} cores, load average ${load}; Node ${process.version}`);

const results = [];
const failures = [];
const run = values.node ? runInNode : runInChromium;
await run(bench, chosen, { ...values, tell, onResult, onProblem });
if (values.pytorch) await runInPytorch(values.pytorch, bench, chosen, { onResult: onPeer });
process.exit(finish() ? 0 : 1);

function onResult(result) {
  results.push(result);
  clearLine();
  console.error(bench.resultCells(result).join('  '));
  if (values.json) console.log(JSON.stringify(result));
}

/** A peer outside, which is asked for the same work as we are. */
function onPeer(result) {
  const work = results.find((other) => other.case === result.case)?.work ?? [];
  onResult({ ...result, work });
}

/** A series that ended without results: the browser or the page died. */
function onProblem({ cases }, error) {
  clearLine();
  failures.push(`${names(cases.map(({ benchmark }) => benchmark))}: ${error.message}`);
}

function chooseSeries() {
  const { benchmarkCases, intoSeries, quickCases, withOptimizer } = bench;
  const optimized = (cases) => cases.map((each) => withOptimizer(each, values.optimizer));
  const only = values.only?.split(',');
  const rounds = Math.max(3, Number(values.rounds ?? (values.quick ? 3 : 5)));
  const options = { rounds, roundMs: values.quick ? 300 : 1000, patienceMs: 1000 * Number(values.patience) };
  const cases = optimized(values.quick && values.case.length === 0 ? quickCases : benchmarkCases);
  const isWanted = ({ name }) => values.case.length === 0 || values.case.some((part) => name.includes(part));
  const enter = (benchmark) => ({
    benchmark,
    contenders: benchmark.contenders.filter((id) => isAble(id) && (only?.includes(id) ?? true)),
  });
  return intoSeries(cases.filter(isWanted)).map((series) => ({ cases: series.map(enter), options }));
}

/** The line at the bottom of a terminal that says what is going on. */
function tell({ case: name, contender, phase, done, total }) {
  if (!process.stderr.isTTY) return;
  clearLine();
  process.stderr.write(`${name} ${contender}: ${phase} ${done} of ${total}`);
}

function clearLine() {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

/** The peers are made for browsers. */
function isAble(id) {
  return !(values.node || values.optimizer !== 'sgd') || id.startsWith('dimmer/');
}

/** Tables and verdicts; false when the benchmark fails. */
function finish() {
  const { checkDispatches, isFailure, judgeTargets, toMarkdown } = bench;
  const { kernelColumns, kernelRows, resultCells, resultColumns } = bench;
  const print = values.json ? console.error : console.log;
  const { adapter } = results.find(({ backend }) => backend === 'webgpu') ?? results[0] ?? {};
  print(`\n${adapter ?? ''}\n`);
  print(toMarkdown(resultColumns, results.map(resultCells)));
  for (const result of results.filter(({ kernels }) => values.kernels && kernels))
    print(`\nGPU time of a step of ${result.case}\n\n${toMarkdown(kernelColumns, kernelRows(result))}`);
  const verdicts = judgeTargets(results).map(({ text, holds }) => `${holds ? 'holds' : 'MISSED'}  ${text}`);
  if (verdicts.length > 0) print(`\n${verdicts.join('\n')}`);
  for (const each of results.filter(isFailure))
    failures.push(`${each.case} ${each.library} ${each.backend}: ${each.message}`);
  const dispatches = checkDispatches(results);
  if (dispatches) failures.push(dispatches);
  for (const failure of failures) console.error(`FAILED ${failure}`);
  return failures.length === 0;
}

function names(cases) {
  return cases.map(({ name }) => name).join(', ');
}
