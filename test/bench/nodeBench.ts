// What the runner needs of the benchmark, as one module that is built for Node.
export { createNodeGpu } from '../../src/backend/webgpu/node.ts';
export { benchmarkCases, intoSeries, quickCases, withOptimizer } from '../../src/benchmark/cases.ts';
export { createEnvironment } from '../../src/benchmark/environment.ts';
export {
  kernelColumns,
  kernelRows,
  resultCells,
  resultColumns,
  toMarkdown,
} from '../../src/benchmark/report.ts';
export { isFailure } from '../../src/benchmark/result.ts';
export { runSeries } from '../../src/benchmark/runSeries.ts';
export { checkDispatches, judgeTargets } from '../../src/benchmark/targets.ts';
export { tablesOfOneDim } from '../../src/benchmark/workload.ts';
