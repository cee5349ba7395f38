import { Random } from '../../src/random/random.ts';

/** What nobody expects in the place of a value. */
const strangeValues: readonly ((random: Random) => unknown)[] = [
  () => 1e300,
  () => -1,
  () => 0.5,
  () => 2 ** 53,
  () => 0,
  () => null,
  () => true,
  () => '',
  () => '__proto__',
  () => 'constructor',
  () => 'x'.repeat(5000),
  () => [],
  () => ({}),
  () => nested(300),
  (random) => random.below(1000),
  (random) => String.fromCharCode(random.below(0x300)),
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { a: value };
  return value;
}

export const pick = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];

/** Bytes flipped, cut off, inserted, deleted, zeroed, moved or doubled: one to three times. */
export function mutateBytes(random: Random, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  let changed = Uint8Array.from(bytes);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const { length } = changed;
    const at = random.below(length + 1);
    const to = Math.min(length, at + 1 + random.below(pick(random, [4, 64, 1024])));
    const [before, part, after] = [changed.subarray(0, at), changed.subarray(at, to), changed.subarray(to)];
    const some = Uint8Array.from({ length: 1 + random.below(16) }, () => random.below(256));
    const kinds: readonly (() => readonly Uint8Array[])[] = [
      () => [before, part.map((byte) => byte ^ (1 << random.below(8))), after],
      () => [before, part.map(() => random.below(256)), after],
      () => [before],
      () => [before, some, part, after],
      () => [before, after],
      () => [before, part.map(() => 0), after],
      () => [before, after, part],
      () => [before, part, part, after],
      () => [part, before, after],
    ];
    changed = joinBytes(pick(random, kinds)());
  }
  return changed;
}

function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Changes one value somewhere in JSON: another value, another name, none, or that of a neighbour. */
export function mutateJson(random: Random, value: unknown): unknown {
  const copy: unknown = structuredClone(value);
  const places: { owner: Record<string, unknown>; name: string }[] = [];
  const left = [copy];
  while (left.length > 0) {
    const owner = left.pop();
    if (typeof owner !== 'object' || owner === null) continue;
    for (const name of Object.keys(owner)) {
      places.push({ owner: owner as Record<string, unknown>, name });
      left.push((owner as Record<string, unknown>)[name]);
    }
  }
  if (places.length === 0) return pick(random, strangeValues)(random);
  const { owner, name } = pick(random, places);
  const other = pick(random, places);
  const own = owner[name];
  const changes: readonly (() => void)[] = [
    () => (owner[name] = pick(random, strangeValues)(random)),
    () => (owner[name] = pick(random, strangeValues)(random)),
    () => (owner[name] = typeof own === 'number' ? own + pick(random, [-8, -1, 1, 4, 0.5, 1e9]) : [own]),
    () => delete owner[name],
    () => {
      delete owner[name];
      const renamed = pick(random, [`${name}x`, '__proto__', 'constructor', '', other.name]);
      Object.defineProperty(owner, renamed, {
        value: own,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    },
    () => (owner[name] = structuredClone(other.owner[other.name])),
    () =>
      ([owner[name], other.owner[other.name]] = [
        structuredClone(other.owner[other.name]),
        structuredClone(own),
      ]),
  ];
  pick(random, changes)();
  return copy;
}

/** Changes a text: letters and pieces exchanged, doubled, dropped, or very many of one. */
export function mutateText(random: Random, text: string): string {
  let changed = text;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(changed.length + 1);
    const to = Math.min(changed.length, at + random.below(6));
    const letter = pick(random, [
      ...'0123456789.,-+eEkMGB%&=;: _x\u0000\u202f\u{1F600}',
      'auto',
      '%E0',
      '1e999',
    ]);
    const parts: readonly (() => string)[] = [
      () => letter,
      () => letter + changed.slice(at, to),
      () => changed.slice(at, to).repeat(2),
      () => '',
      () => letter.repeat(pick(random, [2, 20, 5000])),
    ];
    changed = changed.slice(0, at) + pick(random, parts)() + changed.slice(to);
  }
  return changed;
}
