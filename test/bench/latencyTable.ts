import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSample } from '../../src/data/load.ts';

let path: Promise<string> | undefined;

/** Path of the clicks sample as a CSV file, which is read like any other. */
export function tableLikeTheSample(): Promise<string> {
  path ??= writeTable();
  return path;
}

async function writeTable(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'dimmer-latency-')), 'table.csv');
  await writeFile(file, makeTable());
  return file;
}

/** Ids as in a log, in hex; numbers as the sample has them. */
function makeTable(): string {
  const { fields, numericColumns, ids, numbers, labels } = loadSample('clicks');
  const lines = [
    ['clicked', ...numericColumns.map(({ name }) => name), ...fields.map(({ name }) => name)].join(),
  ];
  const part = (array: Uint32Array | Float32Array, width: number, line: number): readonly number[] => [
    ...array.subarray(line * width, (line + 1) * width),
  ];
  for (let line = 0; line < labels.length; line++) {
    const words = part(ids, fields.length, line).map((id) => Math.imul(id + 1, 0x9e3779b1) >>> 0);
    const values = part(numbers, numericColumns.length, line).map((value) => value.toFixed(3));
    lines.push([labels[line], ...values, ...words.map((word) => word.toString(16).padStart(8, '0'))].join());
  }
  return `${lines.join('\n')}\n`;
}
