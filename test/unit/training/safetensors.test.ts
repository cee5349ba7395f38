import { openAsBlob } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TrainingError } from '../../../src/training/events/errors.ts';
import { encodeTensors, openTensors } from '../../../src/training/weights/safetensors.ts';
import { blobOf, joinTensors, splitTensors } from '../../support/tensorFiles.ts';

afterEach(() => void vi.unstubAllGlobals());

/** A file by its header, which may be no JSON, and the number of bytes behind it. */
const fileOf = (header: unknown, dataBytes: number): Blob => {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  return blobOf(joinTensors({ header: text, data: new Uint8Array(dataBytes) }));
};

const floats = (shape: readonly unknown[], begin: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

async function problemOf(file: Blob): Promise<string> {
  try {
    await openTensors(file);
  } catch (error) {
    expect(error).toBeInstanceOf(TrainingError);
    expect((error as TrainingError).remedy).toMatch(/\w.*\.$/);
    return (error as TrainingError).message;
  }
  return 'opened';
}

test('a file, byte for byte', async () => {
  const values = Float32Array.of(1, -2);
  const bytes = await blobOf(
    ...(await encodeTensors([{ name: 'a', shape: [2, 1], values }], { k: 'v' })),
  ).bytes();
  const { header, data } = splitTensors(bytes);
  const hash = '[0-9a-f]{64}';
  expect(header).toMatch(
    new RegExp(
      `^\\{"__metadata__":\\{"dimmer\\.sha256":"${hash}","k":"v","dimmer\\.sha256\\.a":"${hash}"\\},` +
        '"a":\\{"dtype":"F32","shape":\\[2,1\\],"data_offsets":\\[0,8\\]\\}\\} *$',
    ),
  );
  expect([...bytes.subarray(0, 8)]).toEqual(
    [header.length, 1, 0, 0, 0, 0, 0, 0].with(0, header.length % 256),
  );
  expect(header.length % 8).toBe(0);
  expect([...data]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
});

test('a page without https, which has no crypto.subtle, writes the same bytes and reads them', async () => {
  const tensors = [
    { name: 'a', shape: [1000], values: Float32Array.from({ length: 1000 }, (_, i) => i / 7) },
  ];
  const bytes = await blobOf(...(await encodeTensors(tensors, {}))).bytes();
  vi.stubGlobal('crypto', {});
  expect(await blobOf(...(await encodeTensors(tensors, {}))).bytes()).toEqual(bytes);
  expect(await (await openTensors(blobOf(bytes))).read('a')).toEqual(tensors[0]);
  const changed = bytes.with(bytes.length - 1, 1);
  await expect((await openTensors(blobOf(changed))).read('a')).rejects.toThrow(/damaged: tensor “a”/);
});

test('tensors come back as they went, in any order, whatever their names', async () => {
  const names = fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '1', '0')), {
    maxLength: 6,
  });
  const values = fc.oneof(
    fc.array(fc.float()).map((own) => Float32Array.from(own)),
    fc.array(fc.nat()).map((own) => Uint32Array.from(own)),
  );
  await fc.assert(
    fc.asyncProperty(names, fc.array(values, { minLength: 6, maxLength: 6 }), async (names, values) => {
      const tensors = names.map((name, i) => ({ name, shape: [values[i].length, 1], values: values[i] }));
      const file = await openTensors(blobOf(...(await encodeTensors(tensors, { format: 'f' }))));
      expect([...file.entries.keys()].sort()).toEqual([...names].sort());
      expect(file.metadata.get('format')).toBe('f');
      for (const tensor of tensors.toReversed()) expect(await file.read(tensor.name)).toEqual(tensor);
      await expect(file.read('no such name')).rejects.toThrow(TrainingError);
    }),
    { seed: 1, numRuns: 100 },
  );
});

describe('refuses', () => {
  const whole = { a: floats([2, 1], 0, 8) };

  test.each<[string, Blob, RegExp]>([
    ['an empty file', new Blob([]), /shorter than 8 bytes/],
    ['a text', new Blob(['label,a,b\n1,2,3\n']), /announce a header of \d+ bytes/],
    ['a header longer than the file', fileOf(whole, 8).slice(0, 20), /announce a header/],
    ['100 missing bytes', fileOf({ a: floats([50], 0, 200) }, 100), /100 bytes of its tensors are not there/],
    ['surplus bytes', fileOf(whole, 9), /1 bytes at its end belong to no tensor/],
    [
      'fractional offsets',
      fileOf({ a: floats([2], 0.5, 8.5) }, 9),
      /“a”, data_offsets\.0 is 0\.5, not a whole/,
    ],
    ['negative offsets', fileOf({ a: floats([2], -8, 0) }, 0), /data_offsets\.0 is -8/],
    ['offsets in the wrong order', fileOf({ a: floats([2], 8, 0) }, 8), /bytes 8 to 0 do not hold 2 of F32/],
    ['a shape of 1e300', fileOf({ a: floats([1e300, 1], 0, 8) }, 8), /shape\.0 is 1e\+300/],
    ['a shape beyond exact sizes', fileOf({ a: floats([2 ** 40, 2 ** 40], 0, 8) }, 8), /do not hold/],
    ['a fractional shape', fileOf({ a: floats([0.5], 0, 2) }, 2), /shape\.0 is 0\.5/],
    [
      'a shape that is no list',
      fileOf({ a: { ...whole.a, shape: 'long' } }, 8),
      /shape is "long", not array/,
    ],
    ['no shape', fileOf({ a: { ...whole.a, shape: undefined } }, 8), /shape is missing/],
    [
      'a type of another size',
      fileOf({ a: { ...whole.a, dtype: 'F64' } }, 8),
      /do not hold 2 × 1 of F64, which are 16/,
    ],
    ['an unknown type', fileOf({ a: { ...whole.a, dtype: 'Q4' } }, 8), /dtype is "Q4"/],
    [
      'a type that every object has',
      fileOf({ a: { ...whole.a, dtype: 'constructor' } }, 8),
      /dtype is "constructor"/,
    ],
    ['unknown properties', fileOf({ a: { ...whole.a, scale: 1 } }, 8), /“a”/],
    [
      'an overlap',
      fileOf({ a: floats([2], 0, 8), b: floats([2], 4, 12) }, 12),
      /“b”, from byte 4 on, overlaps/,
    ],
    ['a gap', fileOf({ a: floats([2], 4, 12) }, 12), /“a”, from byte 4 on, comes after a gap/],
    [
      'a name twice',
      fileOf(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\\u0061":{"dtype":"U32","shape":[2],"data_offsets":[0,8]}}',
        8,
      ),
      /header cannot be read: a name occurs twice/,
    ],
    [
      'a property twice',
      fileOf('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"shape" : [1]}}', 8),
      /header cannot be read: a name occurs twice/,
    ],
    [
      'metadata that is no text',
      fileOf({ __metadata__: { format: 1 }, ...whole }, 8),
      /in its metadata format is 1, not string/,
    ],
    ['a list', fileOf('[]', 0), /no object/],
    ['null', fileOf('null', 0), /no object/],
    ['a torn header', fileOf('{"a":', 0), /its header cannot be read: it is no JSON/],
    ['lists in lists', fileOf('['.repeat(200_000) + ']'.repeat(200_000), 0), /no object/],
    [
      'a header in another encoding',
      blobOf(joinTensors({ header: '  ', data: new Uint8Array(0) }).fill(0xff, 8)),
      /UTF-8/,
    ],
    ['a mark of byte order', fileOf('\uFEFF{}', 0), /its header cannot be read: it is no JSON/],
  ])('%s', async (_, file, problem) => {
    expect(await problemOf(file)).toMatch(problem);
  });

  test('any single changed byte, when it opens the file or reads the tensor', async () => {
    const tensors = [
      { name: 'a', shape: [2, 3], values: Float32Array.from([1, 2, 3, 4, 5, 6]) },
      { name: 'b', shape: [2], values: Uint32Array.of(7, 8) },
    ];
    const bytes = await blobOf(...(await encodeTensors(tensors, { format: 'x' }))).bytes();
    for (let i = 0; i < bytes.length; i++)
      for (const change of [1, 0x80, 0x2a]) {
        const changed = blobOf(bytes.with(i, bytes[i] ^ change));
        const reading = openTensors(changed).then((file) => Promise.all([file.read('a'), file.read('b')]));
        await expect(reading, `byte ${i}`).rejects.toThrow(TrainingError);
      }
  });

  test('a file that is gone when it is read', async () => {
    const vanished = {
      size: 100,
      slice: () => ({ arrayBuffer: () => Promise.reject(new Error('not there')) }),
    };
    await expect(openTensors(vanished as unknown as Blob)).rejects.toThrow(/cannot be read: not there/);
  });
});

describe('elements of', () => {
  test.each<[string, readonly number[], ArrayLike<number | bigint>]>([
    ['F64', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], Float64Array.of(1.5)],
    ['F32', [0, 0, 0xc0, 0x3f], Float32Array.of(1.5)],
    [
      'F16',
      [0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0x3555].flatMap((half) => [
        half & 255,
        half >> 8,
      ]),
      Float32Array.of(
        1,
        -2,
        65504,
        2 ** -24,
        1023 * 2 ** -24,
        -0,
        Infinity,
        -Infinity,
        Number.NaN,
        0.333251953125,
      ),
    ],
    ['BF16', [0xc0, 0x3f, 0x80, 0x7f, 0x00, 0x80], Float32Array.of(1.5, Infinity, -0)],
    ['I64', [0xfe, 255, 255, 255, 255, 255, 255, 255], BigInt64Array.of(-2n)],
    ['I32', [0xfe, 255, 255, 255], Int32Array.of(-2)],
    ['I16', [0xfe, 255], Int16Array.of(-2)],
    ['I8', [0xfe], Int8Array.of(-2)],
    ['U64', [0xfe, 255, 255, 255, 255, 255, 255, 255], BigUint64Array.of(2n ** 64n - 2n)],
    ['U32', [0xfe, 255, 255, 255], Uint32Array.of(2 ** 32 - 2)],
    ['U16', [0xfe, 255], Uint16Array.of(65534)],
    ['U8', [0xfe], Uint8Array.of(254)],
  ])('%s are read as what they are', async (dtype, bytes, values) => {
    // Behind one byte, so that no element lies where its type would want it.
    const header = {
      first: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
      x: { dtype, shape: [values.length], data_offsets: [1, 1 + bytes.length] },
    };
    const data = Uint8Array.of(9, ...bytes);
    const file = await openTensors(blobOf(joinTensors({ header: JSON.stringify(header), data })));
    expect((await file.read('x')).values).toEqual(values);
    expect(file.isChecksummed).toBe(false);
  });
});

test('a file of the format’s own library opens, and every element is the one that was written', async () => {
  const path = fileURLToPath(new URL('../../fixtures/tensors/elements.safetensors', import.meta.url));
  const file = await openTensors(await openAsBlob(path));
  const read = async (name: string) => [...(await file.read(name)).values];
  const values = [0, 1, -2, 0.333251953125, 100];
  expect(await read('F64')).toEqual([...values, 1e300]);
  expect(await read('F32')).toEqual(values);
  expect(await read('F16')).toEqual([...values, 2 ** -24, 65504]);
  expect(await read('BF16')).toEqual([0, 1, -2, 0.333984375, 100, 226 * 2 ** 120]);
  for (const [name, last] of [
    ['I64', -(2n ** 62n)],
    ['U64', 2n ** 63n],
  ] as const)
    expect(await read(name)).toEqual([0n, 1n, 2n, 100n, last]);
  for (const [name, last] of [
    ['I32', -(2 ** 30)],
    ['I16', -(2 ** 14)],
    ['I8', -100],
    ['U32', 2 ** 31],
    ['U16', 2 ** 15],
    ['U8', 200],
  ] as const)
    expect(await read(name)).toEqual([0, 1, 2, 100, last]);
  expect(await file.read('scalar')).toEqual({ name: 'scalar', shape: [], values: Float32Array.of(1.5) });
  expect(await file.read('empty')).toEqual({ name: 'empty', shape: [0, 3], values: new Float32Array(0) });
  expect(file.metadata).toEqual(new Map([['written by', 'safetensors']]));
});
