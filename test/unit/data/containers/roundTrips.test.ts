import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { load } from '../../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../../src/data/source.ts';
import { contentOf } from '../sources.ts';
import { containerBytes, containerNames, fileOf, readContent, tornSource } from './reading.ts';

const rows = new TextDecoder().decode(containerBytes('rows.csv'));

/** Made by other programs of the rows of rows.csv. */
const sameRows = [
  ...containerNames(/^(?!types).*\.parquet$/),
  ...containerNames(/^(gzip|pigz|bgzip|members|padded|latin1|utf16|utf16be-no-mark)\.csv\.gz$/),
  ...containerNames(/^rows\.json/),
  ...containerNames(/^(info|zip64|streamed|macos|nested|parts)\.zip$/),
  ...containerNames(/^(gnu|pax|v7|criteo)\.tar\.gz$/),
  ...containerNames(/^(zstd|long27|frames)\.csv\.zst$/),
];

async function datasetOf(source: Parameters<typeof load>[0]): Promise<string> {
  const { report, ...dataset } = await load(source, { ...defaultLoadOptions, minCount: 1 });
  const { linesRead, skipped } = report;
  return contentOf({ ...dataset, report: { linesRead, skipped } as unknown as typeof report });
}

test('there is a file of every program', () => {
  expect(sameRows.length).toBe(35);
});

describe('the same rows from any container are the same data set, to the byte', async () => {
  const expected = await datasetOf(fileOf(containerBytes('rows.csv')));

  test.each(sameRows)('%s', async (name) => {
    const bytes = containerBytes(name);
    expect((await readContent(fileOf(bytes, name))).text).toBe(rows);
    expect(await datasetOf(fileOf(bytes, name))).toBe(expected);
  });

  test.each(sameRows)('%s in pieces of one byte, without slices, under another name', async (name) => {
    expect((await readContent(tornSource(containerBytes(name), 'download'))).text).toBe(rows);
  });

  test('JSON that is not compressed', async () => {
    for (const name of ['rows.json.gz', 'rows.jsonl.gz']) {
      expect(await datasetOf(fileOf(new Uint8Array(gunzipSync(containerBytes(name))), name))).toBe(expected);
    }
  });
});

describe('what a container says of itself', () => {
  test('Parquet: columns with their types', async () => {
    const expected =
      'click:integer user:text item:text city:text price:number order:integer day:time seen:time tags:list active:boolean';
    for (const name of containerNames(/^(?!types).*\.parquet$/)) {
      expect(await readContent(fileOf(containerBytes(name)))).toMatchObject({ columns: expected, notes: [] });
    }
  });

  test('text: its encoding', async () => {
    const encodingOf = async (name: string) => (await readContent(fileOf(containerBytes(name)))).encoding;
    expect(await encodingOf('gzip.csv.gz')).toBe('utf-8');
    expect(await encodingOf('latin1.csv.gz')).toBe('windows-1252');
    expect(await encodingOf('utf16.csv.gz')).toBe('utf-16le');
    expect(await encodingOf('utf16be-no-mark.csv.gz')).toBe('utf-16be');
  });

  test('archives: what is read, in natural order, and what is left out', async () => {
    expect(await readContent(fileOf(containerBytes('parts.zip'), 'parts.zip'))).toMatchObject({
      files: ['parts.zip › part-1.csv', 'parts.zip › part-2.csv', 'parts.zip › part-10.csv'],
      notes: [],
    });
    expect(await readContent(fileOf(containerBytes('macos.zip'), 'm.zip'))).toMatchObject({
      files: ['m.zip › rows.csv'],
      notes: [],
    });
    expect(await readContent(fileOf(containerBytes('criteo.tar.gz'), 'dac.tar.gz'))).toMatchObject({
      files: ['dac.tar.gz › train.txt'],
      notes: ['dac.tar.gz › test.txt is left out: its name says that it is the test file.'],
    });
  });
});

test('types of Parquet beyond the usual ones are exact text, and nested ones named', async () => {
  const { text, columns, notes } = await readContent(fileOf(containerBytes('types.parquet')));
  expect(columns).toBe(
    'decimal:number wide:integer float:number unsigned:integer nanos:time before:time time:text numbers:list place.city:text place.at.x:integer place.at.y:integer events:nested pairs:nested bytes:text',
  );
  expect(text.split('\n')).toEqual([
    'decimal,wide,float,unsigned,nanos,before,time,numbers,place.city,place.at.x,place.at.y,events,pairs,bytes',
    '-20.00,1000000000000000000000000000000,0,18446744073709551615,2023-11-14T22:13:20.000000001Z,1969-12-31T23:59:59.999Z,00:00:00,,,,,"[{""kind"":""view"",""n"":0}]","{""k"":0}",abc',
    '-9.99,1000000000000000000000000000001,0.1,18446744073709551614,2023-11-14T22:13:20.000000002Z,1969-12-30T23:59:59.999Z,01:00:00.000001,1|2,c1,1,,"[{""kind"":""view"",""n"":1}]","{""k"":1}",ÿþ',
    ...Array.from({ length: 8 }, (_, k) => {
      const i = k + 2;
      const decimal = ((i * 1001) / 100 - 20).toFixed(2);
      const place = i % 4 ? `c${i},${i},` : ',,';
      const numbers = i % 3 ? `${i}|${i + 1}` : '';
      return `${decimal},${10n ** 30n + BigInt(i)},${i / 10},${2n ** 64n - 1n - BigInt(i)},2023-11-14T22:13:20.${i < 9 ? `00000000${i + 1}` : '00000001'}Z,,0${i}:00:00.00000${i},${numbers},${place},"[{""kind"":""view"",""n"":${i}}]","{""k"":${i}}",`;
    }),
    '',
  ]);
  expect(notes).toEqual([
    'Column “events” holds nested values, which are read as JSON text.',
    'Column “pairs” holds nested values, which are read as JSON text.',
  ]);
});
