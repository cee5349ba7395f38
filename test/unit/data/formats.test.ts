import { describe, expect, test } from 'vitest';
import { inspect } from '../../../src/data/load.ts';
import { applyTransform } from '../../../src/data/transform.ts';
import { avazuFile, contentOf, criteoLine, lines, loadText, ratingLine, sourceOf } from './sources.ts';

describe('a format is recognised by its content, whatever the name', () => {
  const files = {
    criteo: lines(60, criteoLine),
    avazu: avazuFile(60),
    'movielens-tab': lines(60, ratingLine('\t')),
    'movielens-colons': lines(60, ratingLine('::')),
    'movielens-csv': `userId,movieId,rating,timestamp\n${lines(60, ratingLine(','))}`,
    table: `clicked;city;age\n${lines(60, (i) => `${i % 2};town ${i % 5};${i % 50},5`)}`,
  };

  for (const [format, text] of Object.entries(files)) {
    test(`${format}, with line batchCache or with carriage returns`, async () => {
      for (const content of [text, text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r')]) {
        const preview = await inspect(sourceOf(content, 'download.bin'));
        expect(preview.format).toBe(format);
        expect(preview.rows).toHaveLength(20);
        expect(preview.rolesAreGuessed).toBe(format === 'table');
        for (const row of preview.rows) expect(row).toHaveLength(preview.columns.length);
      }
      const unix = await loadText(text);
      const windows = await loadText(text.replaceAll('\n', '\r\n'));
      const bytesRead = unix.report.bytesRead;
      expect(windows.report.bytesRead).toBe(bytesRead + text.split('\n').length - 1);
      expect(contentOf({ ...windows, report: { ...windows.report, bytesRead } })).toBe(contentOf(unix));
    });
  }

  test('also when the first lines are broken', async () => {
    const preview = await inspect(sourceOf(`garbage\n\n${files.criteo}`));
    expect(preview.format).toBe('criteo');
  });

  test('also with a byte order mark', async () => {
    expect((await inspect(sourceOf(`\uFEFF${files.avazu}`))).format).toBe('avazu');
  });

  test('also with quoted names, as R writes them', async () => {
    const text = `"userId","movieId","rating","timestamp"\n${lines(60, ratingLine(','))}`;
    expect((await inspect(sourceOf(text))).format).toBe('movielens-csv');
  });
});

describe('Criteo', () => {
  test('numbers become log(max(x, 0) + 1), empty is 0', async () => {
    const dataset = await loadText(lines(40, criteoLine), { minCount: 1 });
    expect(dataset.numericColumns).toHaveLength(13);
    const cells = criteoLine(0).split('\t').slice(1, 14);
    // Line 0 is the first training example: hash(0) = 0.
    const expected = cells.map((cell) => Math.fround(Math.log(Math.max(0, Number(cell)) + 1)));
    expect([...dataset.numbers.subarray(0, 13)]).toEqual(expected);
    expect(cells).toContain('');
    expect(cells.some((cell) => Number(cell) < 0)).toBe(true);
  });

  test('an empty token is a value of its own, not the rare one', async () => {
    const dataset = await loadText(
      lines(40, (i) => {
        const cells = criteoLine(i).split('\t');
        cells[14] = i % 2 === 0 ? '' : 'aaaaaaaa';
        return cells.join('\t');
      }),
    );
    const [field] = dataset.fields;
    expect(field.cardinality).toBe(3);
    expect(field.counts[field.rareId]).toBe(0);
    const trained = [...Array(dataset.splits.train.count).keys()].map((i) => dataset.ids[i * 26]);
    expect(trained).not.toContain(field.rareId);
  });
});

describe('Avazu', () => {
  test('id is ignored, hour is the time and gives the category hour_of_day', async () => {
    const preview = await inspect(sourceOf(avazuFile(30)));
    const roles = Object.fromEntries(preview.columns.map(({ name, role }) => [name, role]));
    expect(roles).toMatchObject({
      id: 'ignore',
      click: 'label',
      hour: 'time',
      C1: 'category',
      C21: 'category',
    });
    const dataset = await loadText(avazuFile(400), { minCount: 1 });
    expect(dataset.task).toBe('click');
    expect(dataset.numericColumns).toEqual([]);
    expect(dataset.fields.map((field) => field.name)).not.toContain('id');
    expect(dataset.fields.find((field) => field.name === 'hour_of_day')?.cardinality).toBe(24 + 1);
  });
});

describe('MovieLens', () => {
  test('the three forms of one file give one data set, names apart', async () => {
    const [tab, colons, csv] = await Promise.all([
      loadText(lines(200, ratingLine('\t'))),
      loadText(lines(200, ratingLine('::'))),
      loadText(`userId,movieId,rating,timestamp\n${lines(200, ratingLine(','))}`),
    ]);
    expect(tab.task).toBe('rating');
    expect(tab.fields.map((field) => field.name)).toEqual(['user', 'item']);
    expect(csv.fields.map((field) => field.name)).toEqual(['userId', 'movieId']);
    for (const other of [colons, csv]) {
      expect(other.ids).toEqual(tab.ids);
      expect(other.labels).toEqual(tab.labels);
      expect(other.labelMean).toBe(tab.labelMean);
    }
    expect([...tab.labels]).toContain(4.5);
  });
});

const rows = (line: (i: number) => string) => lines(120, line);
const time = (i: number) => (i * 61) % 120;
const quotedRow = (i: number) => `"city, ""${i % 3}""\nsecond line",${i % 2},x${i % 5}`;

describe('a table', () => {
  test('decimal commas are read where semicolons separate', async () => {
    const dataset = await loadText(`y;city;price\n${rows((i) => `${i % 2};c${i % 3};${i},5`)}`);
    expect(dataset.numericColumns).toMatchObject([{ name: 'price' }]);
    const [{ transform }] = dataset.numericColumns;
    expect(transform).toMatchObject({ kind: 'standardise', mean: 60 });
    expect(dataset.numbers[0]).toBe(Math.fround(applyTransform(transform, 0.5)));
  });

  test('two-valued labels are clicks, the larger being 1', async () => {
    const dataset = await loadText(
      `label,a,b\n${rows((i) => `${i % 3 === 0 ? 'yes' : 'no'},x${i % 4},y${i % 5}`)}`,
    );
    expect(dataset.task).toBe('click');
    expect(new Set(dataset.labels)).toEqual(new Set([0, 1]));
    const other = await loadText(`label,a,b\n${rows((i) => `${i % 3 === 0 ? 5 : 2},x${i % 4},y${i % 5}`)}`);
    expect(other.labels).toEqual(dataset.labels);
  });

  test('more label values are numbers to predict, from categories and numbers', async () => {
    const dataset = await loadText(
      `user,item,stars,price\n${rows((i) => `u${i % 9},i${i % 13},${i % 5},${i}.5`)}`,
    );
    expect(dataset.task).toBe('rating');
    expect(dataset.fields.map((field) => field.name)).toEqual(['user', 'item']);
    expect(dataset.numericColumns.map(({ name }) => name)).toEqual(['price']);
  });

  test('a few labels other than 0 and 1 are skipped and counted, not made ratings', async () => {
    const dataset = await loadText(
      `label,a,b\n${rows((i) => `${i === 50 ? 7 : i % 2},x${i % 4},y${i % 5}`)}`,
    );
    expect(dataset.task).toBe('click');
    expect(dataset.examples).toBe(119);
    expect(dataset.report.skipped).toEqual([
      { reason: 'label in column 1 (label) is not 0 or 1', count: 1, firstLine: 52 },
    ]);
  });

  test('the given roles are followed', async () => {
    const text = `a,b,c,d\n${rows((i) => `${i % 2},${i % 3},${i % 7},${i}`)}`;
    const dataset = await loadText(text, { roles: ['category', 'label', 'number', 'category'] });
    expect(dataset.task).toBe('rating');
    expect(dataset.fields.map((field) => field.name)).toEqual(['a', 'd']);
    const click = await loadText(text, { roles: ['label', 'ignore', 'number', 'category'] });
    expect(click.numericColumns).toMatchObject([{ name: 'c' }]);
    expect(click.fields.map((field) => field.name)).toEqual(['d']);
  });

  test('quoted cells may hold separators, quotes and line ends; lines are still counted right', async () => {
    const text = `place,click,b\n${rows(quotedRow)}short,1\n${quotedRow(1)}\n`;
    const dataset = await loadText(text);
    expect(dataset.fields[0].cardinality).toBe(3 + 1);
    expect(dataset.report.skipped).toEqual([
      { reason: 'wrong number of columns (not 3)', count: 1, firstLine: 1 + 2 * 120 + 1 },
    ]);
  });

  test('a TAB file may hold stray double quotes', async () => {
    const dataset = await loadText(`click\tsize\tb\n${rows((i) => `${i % 2}\t"${i % 3} inch\tx${i % 5}`)}`);
    expect(dataset.examples).toBe(120);
    expect(dataset.report.skipped).toEqual([]);
  });

  test('a split by time trains on the past', async () => {
    const text = `click,when,a,b\n${rows((i) => `${i % 2},${time(i)},t${time(i)},x${i % 3}`)}`;
    const dataset = await loadText(text, {
      roles: ['label', 'time', 'category', 'category'],
      splitBy: 'time',
      minCount: 1,
    });
    expect(dataset.splits).toEqual({
      train: { start: 0, count: 96 },
      validation: { start: 96, count: 12 },
      test: { start: 108, count: 12 },
    });
    const early = lines(120, String)
      .split('\n')
      .slice(0, 120)
      .map(Number)
      .filter((i) => time(i) < 96);
    expect([...dataset.labels.subarray(0, 96)]).toEqual(early.map((i) => i % 2));
    expect(dataset.report.splitBy).toBe('time');
  });

  test('dates are times too', async () => {
    const text = `click,date,a,b\n${rows((i) => `${i % 2},2024-0${1 + (i % 9)}-1${i % 10}T00:00:00Z,x${i % 4},y${i % 3}`)}`;
    const dataset = await loadText(text, { splitBy: 'time' });
    expect(dataset.splits.test.count).toBe(12);
  });
});
