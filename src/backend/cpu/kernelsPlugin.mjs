import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const moduleId = 'virtual:cpu-kernels';
const sourceFolder = fileURLToPath(new URL('./assembly', import.meta.url));
const cacheFolder = fileURLToPath(new URL('../../../node_modules/.cache/dimmer', import.meta.url));

/** zeroFilledMemory: every execution has a fresh WebAssembly.Memory, zero from the start. */
const flags =
  '-O3 --runtime stub --noAssert --use abort= --enable simd --importMemory --zeroFilledMemory'.split(' ');

/** Serves `virtual:cpu-kernels`: the AssemblyScript of ./assembly as WebAssembly, compiled when it changes. */
export function cpuKernels() {
  return {
    name: 'dimmer:cpu-kernels',
    resolveId: (id) => (id === moduleId ? `\0${moduleId}` : undefined),
    async load(id) {
      if (id !== `\0${moduleId}`) return undefined;
      for (const file of sourceFiles()) this.addWatchFile(file);
      return `export const kernelsBase64 = '${(await compiledKernels()).toString('base64')}';`;
    },
  };
}

function sourceFiles() {
  const names = readdirSync(sourceFolder).filter((name) => name.endsWith('.ts'));
  return names.toSorted().map((name) => join(sourceFolder, name));
}

/** From the cache if neither sources, flags nor compiler have changed: the compiler takes two seconds. */
async function compiledKernels() {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const hash = createHash('sha256').update(`${version} ${flags.join()}`);
  for (const file of sourceFiles()) hash.update(`\0${file}\0`).update(readFileSync(file));
  const cached = join(cacheFolder, `cpu-kernels-${hash.digest('hex').slice(0, 16)}.wasm`);
  try {
    return readFileSync(cached);
  } catch {
    const wasm = await compile();
    keep(cached, wasm);
    return wasm;
  }
}

async function compile() {
  const { main } = await import('assemblyscript/asc');
  let wasm;
  const { error, stderr } = await main(['index.ts', '--baseDir', sourceFolder, '-o', 'out.wasm', ...flags], {
    writeFile: (_, contents) => (wasm = Buffer.from(contents)),
  });
  if (error || !wasm) throw new Error(`the CPU kernels do not compile\n${stderr}`, { cause: error });
  return wasm;
}

/** Whole or not at all, as several processes may compile at once; a read-only folder only costs time. */
function keep(file, bytes) {
  try {
    mkdirSync(cacheFolder, { recursive: true });
    const partial = `${file}.${process.pid}`;
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } catch {}
}
