import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('pytorch.py', import.meta.url));

/** PyTorch on the cases that it knows the model of, in a process of `python` of its own, after everybody else. */
export async function runInPytorch(python, { tablesOfOneDim }, allSeries, { onResult }) {
  const cases = allSeries.flatMap((series) =>
    series.cases.flatMap(({ benchmark }) => {
      const dim = tablesOfOneDim(benchmark);
      return dim === null ? [] : [{ ...benchmark, dim }];
    }),
  );
  if (cases.length === 0) return;
  const { rounds, roundMs } = allSeries[0].options;
  const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${python} ${script} ended with ${code}`)),
    );
  });
  child.stdin.end(JSON.stringify({ cases, rounds, roundMs }));
  for await (const line of createInterface({ input: child.stdout })) onResult(JSON.parse(line));
  await ended;
}
