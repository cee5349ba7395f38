// npm run bench:logs -- --lines 5000000 --out FILE [--seed 1]: a log of the shape of Criteo's, of any length.
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { clickLogLines } from '../support/clickLog.ts';

const { values } = parseArgs({
  options: { lines: { type: 'string' }, out: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const lines = Number(values.lines);
if (!(Number.isSafeInteger(lines) && lines > 0) || values.out === undefined) {
  console.error('Give --lines, a whole number above 0, and --out, a file.');
  process.exit(2);
}
const startMs = performance.now();
const file = openSync(values.out, 'w');
let bytes = 0;
for (const piece of clickLogLines(lines, Number(values.seed))) {
  for (let done = 0; done < piece.length;) done += writeSync(file, piece, done);
  bytes += piece.length;
}
closeSync(file);
const seconds = (performance.now() - startMs) / 1000;
console.log(
  `${lines.toLocaleString('en')} lines, ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s, ` +
    `${(bytes / 1e6 / seconds).toFixed(0)} MB/s: ${values.out}`,
);
