import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Which room may import which. `types` are allowed in `import type` only: a value that crosses a
 * thread may be named on both sides, the code that makes it runs on one.
 */
interface Rule {
  readonly values: readonly string[];
  readonly types?: readonly string[];
}
const everything = [
  'training',
  'metrics',
  'analysis',
  'backend',
  'data',
  'compression',
  'model',
  'program',
  'settings',
  'random',
] as const;
/** What the ops of sketches compute: plain loops. */
const sketching = [
  'analysis/countSketch.ts',
  'analysis/rowNorms.ts',
  'analysis/sketch.ts',
  'analysis/srht.ts',
];
const rooms: Readonly<Record<string, Rule>> = {
  random: { values: [] },
  settings: { values: [] },
  data: { values: ['random'] },
  analysis: { values: ['random'] },
  compression: { values: ['settings', 'random'] },
  comparison: { values: ['compression', 'settings'] },
  program: { values: ['random'] },
  model: { values: ['compression', 'program', 'settings', 'random'] },
  'backend/backend.ts': { values: [], types: ['program'] },
  'backend/cpu': { values: ['backend/backend.ts', 'program', 'random', ...sketching] },
  'backend/webgpu': { values: ['backend/backend.ts', 'program', 'random', 'shaders', ...sketching] },
  metrics: { values: [], types: ['training'] },
  training: {
    values: [
      'data',
      'analysis',
      'metrics',
      'model',
      'compression',
      'program',
      'settings',
      'random',
      'backend/backend.ts',
    ],
  },
  worker: { values: ['training', 'backend', 'data', 'settings', 'program'], types: ['compression', 'model'] },
  app: {
    values: [
      'training/events/events.ts',
      'worker',
      'compression',
      'comparison',
      'settings',
      'random',
      'data/source.ts',
      'benchmark/BenchmarkPage.tsx',
      // What the drawing of a field shows: pure arithmetic.
      'model/placeFields.ts',
      'program/lookup.ts',
      // Sums of bytes.
      'program/memory.ts',
    ],
    types: ['data', 'metrics', 'training', 'program'],
  },
  benchmark: { values: everything },
  cli: { values: [...everything, 'comparison'] },
};
const notEngine = new Set(['app', 'benchmark', 'cli']);
const engine = new Set(Object.keys(rooms).filter((room) => !notEngine.has(room)));

describe('the flow has one direction', () => {
  const sources = filesBelow('src', /\.(ts|tsx|mjs)$/);

  test('there is something to look at', () => {
    expect(sources.length).toBeGreaterThan(10);
  });

  test('every source file belongs to a room', () => {
    expect(sources.filter((file) => file !== 'src/main.tsx' && !roomOf(file))).toEqual([]);
  });

  test('every room imports only the rooms that the table allows', () => {
    const offences = sources.flatMap((file) => {
      const room = roomOf(file);
      const rule = room ? rooms[room] : undefined;
      if (!room || !rule) return [];
      return importsOf(file)
        .filter(({ target }) => target !== null && !isWithin(target, room))
        .filter(({ target, isType }) => {
          const allowed = isType ? [...rule.values, ...(rule.types ?? [])] : rule.values;
          return !allowed.some((name) => isWithin(target!, name));
        })
        .map(({ specifier, isType }) => `${file}: import ${isType ? 'type ' : ''}${specifier}`);
    });
    expect(offences).toEqual([]);
  });

  test('the engine knows neither React nor the store nor the charts', () => {
    const pageOnly = /^(react|react-dom|zustand|@base-ui\/react|lucide-react|idb)(\/|$)/;
    const offences = sources
      .filter((file) => engine.has(roomOf(file) ?? ''))
      .flatMap((file) => importsOf(file).map(({ specifier }) => ({ file, specifier })))
      .filter(({ specifier }) => pageOnly.test(specifier));
    expect(offences).toEqual([]);
  });

  test('the page knows no WebGPU', () => {
    const offences = sources.filter(
      (file) => roomOf(file) === 'app' && /navigator\.gpu|\bGPU(Device|Buffer|Adapter)\b/.test(read(file)),
    );
    expect(offences).toEqual([]);
  });
});

describe('every shader says what it computes', () => {
  const shaders = filesBelow('shaders', /\.wgsl$/);

  test('there are shaders', () => {
    expect(shaders.length).toBeGreaterThan(0);
  });

  for (const file of shaders) {
    test(`${file} opens with its name, shapes, dispatch and races`, () => {
      const lines = read(file).split('\n');
      const header = lines.slice(
        0,
        lines.findIndex((line) => !line.startsWith('//')),
      );
      const name = posix.basename(file, '.wgsl');
      expect(header[0]).toMatch(new RegExp(`^// ${name}\\b`));
      for (const word of ['shapes', 'dispatch', 'races'])
        expect(header.join('\n')).toMatch(new RegExp(`^//\\s+${word}\\s+\\S`, 'm'));
    });
  }
});

describe('the repository is the same on every machine', () => {
  const files = filesBelow('.', /\.(ts|tsx|mts|mjs|json|wgsl|css|html|md|svg)$|npmrc$|\.ci\/run$/);

  test('no file names a package registry', () => {
    const registry = new RegExp(['registry', '(npmjs|yarnpkg)'].join('\\.'));
    expect(files.filter((file) => registry.test(read(file)))).toEqual([]);
    expect(read('package-lock.json')).not.toMatch(/"resolved":/);
  });

  test('the lock file knows the optional packages of every platform, without which npm ci refuses it', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const known = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const optional = Object.values(packages).flatMap(({ optionalDependencies = {} }) =>
      Object.keys(optionalDependencies),
    );
    expect(optional.filter((name) => !known.has(name))).toEqual([]);
  });

  test('no file names a folder of one machine', () => {
    const folder = new RegExp(`["'\`(\\s=](/${'home'}|/${'Users'}|/${'work'})/`);
    expect(files.filter((file) => file !== 'package-lock.json' && folder.test(read(file)))).toEqual([]);
  });
});

/** The most specific room a file under src/ is in; paths inside are relative to src/. */
function roomOf(file: string): string | undefined {
  const path = relative('src', file).split(sep).join('/');
  return Object.keys(rooms)
    .filter((room) => isWithin(path, room))
    .toSorted((a, b) => b.length - a.length)[0];
}

function isWithin(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

/** Imports of a file; `target` is relative to src/ ('shaders/…' for the shaders), null for packages, styles and the rest. */
function importsOf(file: string) {
  const statement =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"\n]+)['"]|(?:import\(|new URL\()\s*['"]([^'"\n]+)['"]/g;
  return [...read(file).matchAll(statement)].map(([, type, fromStatement, fromCall]) => {
    const specifier = fromStatement ?? fromCall;
    return { specifier, isType: type !== undefined, target: targetOf(file, specifier) };
  });
}

function targetOf(file: string, specifier: string): string | null {
  if (!specifier.startsWith('.') || specifier.endsWith('.css')) return null;
  const path = posix.join(dirname(file).split(sep).join('/'), specifier.replace(/\?.*$/, ''));
  if (path.startsWith('src/')) return path.slice('src/'.length);
  return path.startsWith('shaders/') ? path : null;
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  const ignored = new Set(['node_modules', 'dist', '.git', '.cache', 'test-results']);
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      if (ignored.has(entry.name)) return [];
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, pattern);
      return pattern.test(path) ? [path] : [];
    })
    .toSorted();
}
