import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const readme = read('shaders/README.md');

test('the index of kernels lists every shader once, and every included file apart', () => {
  const [kernels, included] = readme.split('## Included files');
  const names = readdirSync(new URL('shaders', root))
    .filter((file) => file.endsWith('.wgsl'))
    .map((file) => file.slice(0, -'.wgsl'.length));
  const isIncluded = (name: string) => headerOf(read(`shaders/${name}.wgsl`)).includes('(included');
  expect(listed(kernels)).toEqual(names.filter((name) => !isIncluded(name)).toSorted());
  expect(listed(included)).toEqual(names.filter(isIncluded).toSorted());
});

test('the tests that the index of kernels names exist', () => {
  const named = new Set([...readme.matchAll(/`(\w+\.test\.ts)`/g)].map(([, file]) => file));
  const tests = readdirSync(new URL('test/browser/backend', root));
  expect([...named].filter((file) => !tests.includes(file))).toEqual([]);
});

function read(file: string): string {
  return readFileSync(new URL(file, root), 'utf8');
}

function headerOf(shader: string): string {
  return shader.match(/^(\/\/.*\n)+/)![0];
}

function listed(text: string): readonly string[] {
  return [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name).toSorted();
}
