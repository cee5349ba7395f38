import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findOffences, readStructure } from '../structure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const structure = readStructure();
/** Rooms that know neither page nor command line. */
const notEngine = /^src\/(app|benchmark|cli|main)/;

describe('the flow has one direction', () => {
  const sources = filesBelow('src', /\.(ts|tsx|mjs)$/);

  test('there is something to look at', () => {
    expect(sources.length).toBeGreaterThan(10);
  });

  test('every room says its job', () => {
    expect(structure.rooms.length).toBeGreaterThan(20);
    expect(structure.rooms.filter(({ job }) => !/^[A-Z].*[.]$/.test(job)).map(({ name }) => name)).toEqual(
      [],
    );
  });

  test('the table of rooms in src/README.md is what the rooms say', () => {
    const rows = structure.rooms.map(
      ({ name, job, doors }) => `| [\`${name}\`](${name}) | ${job} | ${doors.length} |`,
    );
    const told = read('src/README.md')
      .split('\n')
      .filter((line) => line.startsWith('| [`'));
    expect(told.toSorted()).toEqual(rows.toSorted());
  });

  // npm run structure prints the same, with files, lines and doors by room.
  test.each(Object.entries(findOffences(structure)))('there are no %s', (_, offences) => {
    expect(offences).toEqual([]);
  });

  test('the engine knows neither React nor the store nor the charts', () => {
    const pageOnly = /^(react|react-dom|zustand|@base-ui\/react|lucide-react|idb|recharts)(\/|$)/;
    const offences = sources
      .filter((file) => !notEngine.test(file))
      .flatMap((file) => importsOf(file).map(({ specifier }) => ({ file, specifier })))
      .filter(({ specifier }) => pageOnly.test(specifier));
    expect(offences).toEqual([]);
  });

  test('the page knows no WebGPU', () => {
    const offences = sources.filter(
      (file) =>
        file.startsWith('src/app/') && /navigator\.gpu|\bGPU(Device|Buffer|Adapter)\b/.test(read(file)),
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
