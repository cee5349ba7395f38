import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { joinSources } from '../../../../src/data/containers/joinSources.ts';
import { matchesEntry, matchesPattern, patternOf, splitOf } from '../../../../src/data/containers/names.ts';
import { errorOf } from '../sources.ts';
import { containerBytes, fileOf, readContent } from './reading.ts';
import { tarOf } from './writing.ts';

const header = 'click,user\n';
type Files = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;
const sourcesOf = (files: Files) => Object.entries(files).map(([name, content]) => fileOf(content, name));
const folder = (files: Files) => joinSources(sourcesOf(files), { name: 'folder', chosen: false });
const chosen = (files: Files) => joinSources(sourcesOf(files), { chosen: true });

describe('parts of one data set', () => {
  test('are read in natural order, a header that each repeats once', async () => {
    const { text, files } = await readContent(
      folder({
        'part-10.csv': `${header}1,c\n`,
        'part-2.csv': `${header}1,b`,
        'part-1.csv': `\uFEFF${header}1,a\n`,
        _SUCCESS: '',
        '.part-1.csv.crc': 'crc',
        'README.md': 'About, this\n',
      }),
    );
    expect(text).toBe(`${header}1,a\n1,b\n1,c\n`);
    expect(files).toEqual(['part-1.csv', 'part-2.csv', 'part-10.csv']);
  });

  test('may have no header, or only the first one has', async () => {
    expect((await readContent(folder({ 'a-1': '1,x\n0,y\n', 'a-2': '1,x\n' }))).text).toBe('1,x\n0,y\n1,x\n');
    expect((await readContent(folder({ 'a-1': `${header}1,x\n`, 'a-2': '0,y\n' }))).text).toBe(
      `${header}1,x\n0,y\n`,
    );
    const words = folder({ 'a-1': 'user,action\nann,buy\n', 'a-2': 'bob,view\n' });
    expect((await readContent(words)).text).toBe('user,action\nann,buy\nbob,view\n');
  });

  test('may each lie in a container of its own', async () => {
    const gz = new Uint8Array(gzipSync(`${header}1,a\n`));
    const source = folder({ 'p-1.csv.gz': gz, 'p-2.csv.gz': tarOf({ 'x.csv': `${header}0,b\n` }) });
    const error = await errorOf(readContent(source));
    expect(error.message).toMatch(/several tables/);
    const both = chosen({ 'p-1.csv.gz': gz, 'p-2.tar': tarOf({ 'x.csv': `${header}0,b\n` }) });
    expect((await readContent(both)).text).toBe(`${header}1,a\n0,b\n`);
  });

  test('of JSON have their columns together, of Parquet the same ones in any order', async () => {
    const lines = folder({ 'a1.jsonl': '{"a":1}\n', 'a2.jsonl': '{"b":2}\n' });
    expect((await readContent(lines)).text).toBe('a,b\n1,\n,2\n');
    const parquet = containerBytes('pyarrow.zstd.parquet');
    const twice = await readContent(folder({ 'part-0.parquet': parquet, 'part-1.parquet': parquet }));
    const [head, ...rows] = new TextDecoder().decode(containerBytes('rows.csv')).trimEnd().split('\n');
    expect(twice.text).toBe(`${[head, ...rows, ...rows].join('\n')}\n`);
  });

  test('with other columns are refused by name', async () => {
    const error = await errorOf(
      readContent(chosen({ 'a.csv': `${header}1,x\n`, 'b.csv': 'click,item,price\n1,x,2\n' })),
    );
    expect(error.message).toBe(
      'b.csv: its columns are not those of a.csv: it lacks “user”, and it has “item”, “price” besides.',
    );
    const order = await errorOf(
      readContent(chosen({ 'a.csv': `${header}1,x\n`, 'b.csv': 'user,click\nx,1\n' })),
    );
    expect(order.message).toMatch(/they come in another order/);
    const width = await errorOf(readContent(chosen({ 'a.csv': `${header}1,x\n`, 'b.csv': '1,x,2\n' })));
    expect(width.message).toMatch(/its lines have 3 columns, and those of a\.csv have 2/);
    const types = await errorOf(
      readContent(
        folder({
          'p-0.parquet': containerBytes('types.parquet'),
          'p-1.parquet': containerBytes('polars.zstd.parquet'),
        }),
      ),
    );
    expect(types.message).toMatch(/^p-1\.parquet: its columns are not those of p-0\.parquet/);
  });
});

describe('several data sets in one place', () => {
  test('a test file beside a training file is left out, and said', async () => {
    for (const source of [
      folder({ 'test.csv': 'user,item\nx,y\n', 'train.csv': `${header}1,a\n` }),
      fileOf(tarOf({ 'dac/test.txt': '1\t2\n', 'dac/train.txt': `${header}1,a\n` }), 'dac.tar'),
    ]) {
      const { text, notes } = await readContent(source);
      expect(text).toBe(`${header}1,a\n`);
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatch(/test\.\w+ is left out: its name says that it is the test file/);
    }
    for (const source of [
      folder({ 'test.csv': `${header}1,a\n`, _SUCCESS: '' }),
      fileOf(tarOf({ 'test.csv': `${header}1,a\n` })),
    ]) {
      expect(await readContent(source)).toMatchObject({ text: `${header}1,a\n`, notes: [] });
    }
  });

  test('are not guessed, but a known format is, and one can be named', async () => {
    const files = {
      'ml/movies.csv': 'movieId,title\n1,Heat\n',
      'ml/ratings.csv': 'userId,movieId,rating,timestamp\n1,1,4,9\n',
    };
    for (const source of [folder(files), fileOf(tarOf(files), 'ml.tar')]) {
      const error = await errorOf(readContent(source));
      expect(error.message).toMatch(/several tables.*movies\.csv \(“movieId”, “title”\)/);
      const named = await readContent(source, { entry: 'ratings*' });
      expect(named.text).toBe(files['ml/ratings.csv']);
    }
    const recognises = (head: string) => head.startsWith('userId');
    const known = await readContent(folder(files), { recognises });
    expect(known.text).toBe(files['ml/ratings.csv']);
    expect(known.notes).toEqual(['ml/movies.csv is left out: it is another table than ml/ratings.csv.']);
    expect((await errorOf(readContent(folder(files), { entry: 'tags.csv' }))).message).toMatch(/no table/);
  });

  test('files with the same columns and other names are not poured together', async () => {
    const error = await errorOf(
      readContent(folder({ 'u.data': '1\t2\t3\t4\n', 'u1.base': '1\t2\t3\t4\n', 'u2.base': '1\t2\t3\t4\n' })),
    );
    expect(error.message).toMatch(/several tables/);
  });

  test('an empty folder', async () => {
    expect((await errorOf((async () => folder({ _SUCCESS: '' }))())).message).toMatch(/no file in it/);
  });
});

test('names of parts', () => {
  const same = (a: string, b: string) => patternOf(a) === patternOf(b);
  expect(
    same(
      'part-00000-4f1c2d3e-8a9b-4c5d-9e8f-001122334455-c000.csv',
      'part-00017-4f1c2d3e-8a9b-4c5d-9e8f-001122334455-c000.csv',
    ),
  ).toBe(true);
  expect(same('day=2024-01-01/country=de/p0.csv', 'day=2024-01-02/country=at/p12.csv')).toBe(true);
  expect(same('u.data', 'u1.base')).toBe(false);
  expect(splitOf('criteo/test.txt')).toBe('test');
  expect(splitOf('train/part-0.csv')).toBe('train');
  expect(splitOf('latest.csv')).toBe(null);
  expect(matchesPattern('part-01.csv', 'part-*.csv')).toBe(true);
  expect(matchesPattern('part-01.csv.gz', 'part-*.csv')).toBe(false);
  expect(matchesPattern('aa', 'a*a*a')).toBe(false);
  expect(matchesEntry('ml-20m/ratings.csv', 'ratings.csv')).toBe(true);
  expect(matchesEntry('train/part-0.csv', 'train')).toBe(true);
  expect(matchesEntry('train/part-0.csv', 'rain')).toBe(false);
});
