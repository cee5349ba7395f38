// npm run structure: the rooms of src, their doors, and who goes through them. Exits with 1 where a rule is broken.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const STATEMENT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"\n]+)['"]|(?:import\(|new URL\()\s*['"]([^'"\n]+)['"]/g;

const emptyRoom = { doors: [], imports: [], types: [] };

/**
 * A room is a folder of src with a room.json: `job`, one sentence; `doors`, the files that others may import; `imports`, the
 * rooms whose code it may run; `types`, those of which it may name types alone. Files belong to the innermost room.
 */
export function readStructure() {
  const files = filesBelow('src', /\.(ts|tsx|mjs)$/);
  const rooms = filesBelow('src', /(^|\/)room\.json$/).map((file) =>
    Object.assign({ name: dirname(file).slice('src/'.length) }, emptyRoom, JSON.parse(read(file))),
  );
  const byDepth = rooms.toSorted((a, b) => b.name.length - a.name.length);
  const roomOf = (file) => byDepth.find(({ name }) => file.startsWith(`src/${name}/`));
  const known = new Set(files);
  const imports = files.flatMap((file) =>
    importsOf(file)
      .filter(({ target }) => known.has(target))
      .map(({ target, isType }) => ({ file, target, isType })),
  );
  return { files, rooms, roomOf, imports };
}

/** What breaks a rule, as sentences, by rule. */
export function findOffences({ files, rooms, roomOf, imports }) {
  const isDoor = (file) => roomOf(file)?.doors.some((door) => file === `src/${roomOf(file).name}/${door}`);
  const crossing = imports.filter(({ file, target }) => roomOf(file) !== roomOf(target));
  const roomless = files.filter((file) => !roomOf(file) && dirname(file) !== 'src');
  const reachIns = crossing.filter(({ target }) => roomOf(target) && !isDoor(target));
  const unlisted = crossing.filter(({ file, target, isType }) => {
    const from = roomOf(file);
    const to = roomOf(target);
    if (!from || !to) return false;
    const allowed = isType ? [...from.imports, ...from.types] : from.imports;
    return !allowed.includes(to.name);
  });
  const used = new Set(crossing.map(({ target }) => target));
  const idle = rooms.flatMap(({ name, doors }) =>
    doors.map((door) => `src/${name}/${door}`).filter((door) => !used.has(door)),
  );
  const told = ({ file, target, isType }) => `${file} → ${isType ? 'type ' : ''}${target}`;
  return {
    'files of no room': roomless,
    cycles: findCycles(files, imports).map((cycle) => cycle.join(' → ')),
    // Features of the page know each other: they show one state.
    'circles of rooms below the page': findCycles(
      rooms.map(({ name }) => name),
      crossing
        .map(({ file, target }) => ({ file: roomOf(file)?.name ?? '', target: roomOf(target)?.name ?? '' }))
        .filter(({ file }) => !/^app(\/|$)/.test(file)),
    ).map((circle) => circle.join(' → ')),
    'reach-ins': reachIns.map(told),
    'imports of rooms that are not listed': unlisted.map(told),
    'doors that nobody uses': idle,
  };
}

/** Strongly connected files, by Tarjan 1972; types count. */
function findCycles(files, imports) {
  const targets = Map.groupBy
    ? Map.groupBy(imports, ({ file }) => file)
    : imports.reduce((map, own) => map.set(own.file, [...(map.get(own.file) ?? []), own]), new Map());
  const index = new Map();
  const low = new Map();
  const stack = [];
  const cycles = [];
  const visit = (file) => {
    index.set(file, index.size);
    low.set(file, index.get(file));
    stack.push(file);
    for (const { target } of targets.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file), low.get(target)));
    }
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1) cycles.push(component.toSorted());
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return cycles;
}

/** Relative imports; `target` is a path from the root of the repository. */
function importsOf(file) {
  return [...read(file).matchAll(STATEMENT)].flatMap(([, type, fromStatement, fromCall]) => {
    const specifier = fromStatement ?? fromCall;
    if (!specifier.startsWith('.')) return [];
    const target = posix.join(dirname(file), specifier.replace(/\?.*$/, ''));
    return [{ target, isType: type !== undefined }];
  });
}

function filesBelow(folder, pattern) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, pattern);
      return pattern.test(path) ? [path] : [];
    })
    .toSorted();
}

function read(file) {
  return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
}

function printStructure() {
  const structure = readStructure();
  const { files, rooms, roomOf, imports } = structure;
  console.log('room                 files  lines  doors  imports');
  for (const room of rooms) {
    const own = files.filter((file) => roomOf(file) === room);
    const lines = own.reduce((sum, file) => sum + read(file).split('\n').length - 1, 0);
    const used = new Set(
      imports
        .filter(({ file, target }) => roomOf(file) === room && roomOf(target) !== room)
        .map(({ target }) => roomOf(target)?.name ?? 'src'),
    );
    const counts = [own.length, lines, room.doors.length].map((count) => String(count).padStart(6));
    console.log(`${room.name.padEnd(20)}${counts.join(' ')}  ${[...used].toSorted().join(', ')}`);
  }
  const lines = files.reduce((sum, file) => sum + read(file).split('\n').length - 1, 0);
  console.log(`${'all'.padEnd(20)}${String(files.length).padStart(6)} ${String(lines).padStart(6)}\n`);
  const offences = Object.entries(findOffences(structure));
  for (const [rule, found] of offences) {
    console.log(`${rule}: ${found.length}`);
    for (const one of found) console.log(`  ${one}`);
  }
  return offences.every(([, found]) => found.length === 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(printStructure() ? 0 : 1);
