import { describe, expect, test } from 'vitest';
import { inspect } from '../../../src/data/load.ts';
import { defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';
import { contentOf, errorOf, lines, loadText, sourceOf } from './sources.ts';

/** The roles that a person is offered, by column. */
async function rolesOf(text: string, options: Partial<LoadOptions> = {}) {
  const { columns } = await inspect(sourceOf(text), undefined, { ...defaultLoadOptions, ...options });
  return Object.fromEntries(columns.map(({ name, role }) => [name, role]));
}

/** Pseudo-random, the same every time. */
const draw = (i: number, values: number, salt = 1) =>
  (Math.imul(i + 7, 2654435761 + 97 * salt) >>> 9) % values;
const click = (i: number) => Number(draw(i, 7, 3) < 3);
const kinds = async (text: string, options: Partial<LoadOptions> = {}) =>
  (await loadText(text, options)).report.warnings.map(({ kind, column }) =>
    column ? `${kind} ${column}` : kind,
  );
const same = async (text: string, other: string) => {
  const [a, b] = await Promise.all([loadText(text), loadText(other)]);
  for (const key of ['ids', 'numbers', 'labels', 'splits'] as const) expect(a[key]).toEqual(b[key]);
  return a;
};

describe('dialects', () => {
  const row = (separator: string) => (i: number) =>
    [click(i), `u${draw(i, 30)}`, `city ${draw(i, 8, 2)}`, `${draw(i, 90, 4)},${draw(i, 9, 5)}`].join(
      separator,
    );
  const header = 'clicked;user;city;price';
  const body = lines(300, row(';'));

  test.each([
    ['sep=;', `sep=;\n${header}\n${body}`],
    ['with BOM and CRLF', `\uFEFFsep=;\r\n${header}\r\n${body.replaceAll('\n', '\r\n')}`],
    ['quoted', `"sep=;"\n${header}\n${body}`],
  ])('Excel’s first line sets the separator: %s', async (_, text) => {
    expect(Object.keys(await rolesOf(text))).toEqual(['clicked', 'user', 'city', 'price']);
    await same(text, `${header}\n${body}`);
  });

  test('\\" is a quote where the file uses it, in few lines too', async () => {
    const title = (i: number, often: number) =>
      draw(i, often, 6) === 0
        ? ['Pipe 3\\", steel', 'Ends with \\"', 'The \\"Big\\" One, 2'][draw(i, 3, 7)]
        : 'Desk, white';
    for (const often of [1, 60]) {
      const text = `click,user,title,city\n${lines(300, (i) => `${click(i)},"u${draw(i, 30)}","${title(i, often)}",c${draw(i, 8, 2)}`)}`;
      const dataset = await loadText(text, { keepNames: true });
      expect(dataset).toMatchObject({ examples: 300, report: { skipped: [] } });
    }
  });

  test('blanks around cells and before quotes do not count', async () => {
    const cells = (i: number) => [
      `${click(i)}`,
      `"u${draw(i, 30)}"`,
      `"${['Graz, AT', 'Bern'][draw(i, 2, 2)]}"`,
      `${i % 9}`,
    ];
    const text = (gap: string) => `click,user,city,slot\n${lines(300, (i) => cells(i).join(`,${gap}`))}`;
    await same(text(' '), text(''));
    const mixed = (i: number) => ['', ' ', '\u00a0'][draw(i, 3, 8)];
    const padded = `click,user,city\n${lines(300, (i) => `${click(i)},${mixed(i)}u${draw(i, 30)}${mixed(i + 1)},c${i % 4}`)}`;
    expect((await same(padded, padded.replaceAll(/[ \u00a0]/g, ''))).fields[0].cardinality).toBe(31);
  });

  test.each([
    ['a title', 'Campaign report\n"1 March 2024 - 31 March 2024"\n\n'],
    ['metadata', 'Report Time Zone,Europe/Vienna\nAccount ID,4444\nDate Range,3/1/24 - 3/31/24\n'],
    ['comments', '# exported 2024-03-01 by tool\n# rows: 300\n'],
  ])('%s above the header is found and named as left out', async (_, preamble) => {
    const table = `Campaign,Keyword,Impressions,Clicked\n${lines(300, (i) => `camp ${draw(i, 8)},kw ${draw(i, 30, 2)},${draw(i, 400, 3)},${click(i)}`)}`;
    const dataset = await same(`${preamble}${table}`, table);
    expect(dataset.report.linesRead).toBe(300);
    const [warning] = dataset.report.warnings;
    expect(warning).toMatchObject({ kind: 'preamble' });
    expect(warning.message).toContain(`“${preamble.split(/["\n]/)[0]}”`);
  });

  test('a total below the table is a line without a label, and harmless', async () => {
    const { report } = await loadText(
      `Campaign,Keyword,Shown,Clicked\n${lines(60, (i) => `c${i % 3},k${i % 5},${i},${i % 2}`)}Total,,60000,\n`,
    );
    expect(report.skipped).toEqual([
      { reason: 'label in column 4 (Clicked) is missing', count: 1, firstLine: 62 },
    ]);
  });

  test.each([',', ';', '\t', '|', '::', ' ', '  '])(
    'MovieLens’ names and lines, separated by “%s”',
    async (separator) => {
      const names = ['userId', 'movieId', 'rating', 'timestamp'];
      const rating = (i: number) => [
        draw(i, 40) + 1,
        draw(i, 60, 2) + 1,
        ['4', '1', '0.5', '3'][draw(i, 4, 3)],
        1_700_000_000 + i,
      ];
      const body = lines(300, (i) => rating(i).join(separator));
      const comma = `${names.join(',')}\n${lines(300, (i) => rating(i).join(','))}`;
      const named = `${names.join(separator)}\n${body}`;
      expect(await same(named, comma)).toMatchObject({ format: 'movielens-csv', task: 'rating' });
      if (separator === ';') {
        const german = `${names.join(';')}\n${lines(300, (i) => rating(i).join(';').replace('.', ','))}`;
        await same(german, comma);
      }
      if ([' ', '  ', '\t', '::'].includes(separator)) {
        expect(await same(body, comma)).toMatchObject({ task: 'rating' });
        const three = lines(300, (i) => rating(i).slice(0, 3).join(separator));
        expect(await rolesOf(three)).toEqual({ user: 'category', item: 'category', rating: 'label' });
      }
    },
  );

  test('typed headers give names and roles', async () => {
    const text = `user_id:token\titem_id:token\tage:float\tlabel:float\n${lines(300, (i) => `${draw(i, 40)}\t${draw(i, 60, 2)}\t${20 + (i % 40)}.0\t${click(i)}.0`)}`;
    expect(await rolesOf(text)).toEqual({
      user_id: 'category',
      item_id: 'category',
      age: 'number',
      label: 'label',
    });
    expect(await loadText(text)).toMatchObject({ task: 'click', examples: 300 });
  });

  test('a separator too many at the end of the lines changes nothing', async () => {
    const table = (headerEnd: string, rowEnd: string) =>
      `click,user,city${headerEnd}\n${lines(300, (i) => `${click(i)},u${draw(i, 30)},c${draw(i, 8, 2)}${rowEnd}`)}`;
    await same(table(',', ','), table('', ''));
    await same(table('', ','), table('', ''));
  });

  test('short rows: the message speaks of the width', async () => {
    const text = `click,user,city,note\n${lines(300, (i) => `${click(i)},u${i % 9},c${i % 7}${i % 3 ? '' : ','}`)}`;
    expect((await errorOf(loadText(text))).message).toMatch(/the line has 3 columns, not 4/);
  });

  test('what separates is told from what stands in cells', async () => {
    const columnsOf = async (text: string) => Object.keys(await rolesOf(text));
    expect(
      await columnsOf(`click,user,genres\n${lines(60, (i) => `${i % 2},u${i % 9},Action|Comedy|G${i % 5}`)}`),
    ).toHaveLength(3);
    expect(
      await columnsOf(`clique;nome;telefone\n${lines(60, (i) => `${i % 2};n${i % 9};5,5819${i % 7}E+12`)}`),
    ).toHaveLength(3);
    expect(
      await columnsOf(`click;user;size, cm\n${lines(60, (i) => `${i % 2};u${i % 9};${i % 9},5`)}`),
    ).toHaveLength(3);
    expect(
      await columnsOf(
        `click\tuser\tnote, free\n${lines(60, (i) => `${i % 2}\tu${i % 9}\tgood, nice ${i % 5}`)}`,
      ),
    ).toHaveLength(3);
    expect(await columnsOf(`click user city\n${lines(60, (i) => `${i % 2} u${i % 9} c${i % 5}`)}`)).toEqual([
      'click',
      'user',
      'city',
    ]);
  });

  test('repeated headers are left out and counted', async () => {
    const part = lines(100, (i) => `${click(i)},u${i % 30},c${i % 9}`);
    const { report, examples } = await loadText(
      `click,user,city\n${part}click,user,city\n${part}click,user,city\n${part}`,
    );
    expect(examples).toBe(300);
    expect(report.skipped).toEqual([{ reason: 'the header once more', count: 2, firstLine: 102 }]);
  });

  test('pandas’ own names are names', async () => {
    const text = `,0,1,2\n${lines(300, (i) => `${i},${i % 2},${i % 30},${i % 9}`)}`;
    const { columns } = await inspect(sourceOf(text));
    expect(columns.map(({ name }) => name)).toEqual(['column 1', '0', '1', '2']);
  });

  test('a file without names is read, and says so', async () => {
    const text = lines(60, (i) => `${i % 2},u${i % 7},${i * 3}.5`);
    expect(await rolesOf(text)).toEqual({
      'column 1': 'label',
      'column 2': 'category',
      'column 3': 'number',
    });
    expect(await kinds(text)).toEqual(expect.arrayContaining(['no-header', 'weak-guess column 1']));
  });
});

describe('numbers', () => {
  const price = (i: number) => 3 + (draw(i, 1_200_000, 9) + 1) / 100;
  const table = (separator: string, write: (value: number) => string) =>
    [
      ['click', 'user', 'city', 'price'].join(separator),
      ...Array.from({ length: 300 }, (_, i) =>
        [click(i), `u${draw(i, 30)}`, `c${draw(i, 8, 2)}`, write(price(i))].join(separator),
      ),
    ].join('\n');
  const english = (value: number) => value.toLocaleString('en', { minimumFractionDigits: 2 });
  const german = (value: number) => value.toLocaleString('de', { minimumFractionDigits: 2 });

  test.each([
    ['"9,461.67"', table(',', (value) => `"${english(value)}"`)],
    ['9.461,67', table(';', german)],
    ['9 461,67', table(';', (value) => german(value).replace('.', ' '))],
    ['9\u202f461,67', table(';', (value) => german(value).replace('.', '\u202f'))],
    ['$9461.67', table(',', (value) => `$${value.toFixed(2)}`)],
    ['9461,67 in a TAB file', table('\t', (value) => value.toFixed(2).replace('.', ','))],
    ['9461,67 € in a TAB file', table('\t', (value) => `${value.toFixed(2).replace('.', ',')} €`)],
  ])('%s is a number', async (_, text) => {
    const dataset = await same(
      text,
      table(',', (value) => value.toFixed(2)),
    );
    expect(dataset.numericColumns).toMatchObject([{ name: 'price' }]);
    expect(dataset.report.skipped).toEqual([]);
  });

  test('680.351 among thousands of a ; file is 680351, and where nothing says so the file warns', async () => {
    const views = (i: number) => 1000 + draw(i, 680_000, 4);
    const text = (write: (value: number) => string) =>
      `click;user;city;views\n${lines(300, (i) => `${click(i)};u${draw(i, 30)};c${i % 7};${write(views(i))}`)}`;
    const grouped = text((value) => value.toLocaleString('de'));
    await same(grouped, text(String));
    expect(await kinds(grouped)).toContain('ambiguous-number views');
    expect(await kinds(grouped, { decimalMark: '.' })).not.toContain('ambiguous-number views');
  });

  test.each([
    ['quoted', ',', '"'],
    ['TAB', '\t', ''],
  ])('ratings with a decimal comma are ratings: %s', async (_, separator, quote) => {
    const rating = (i: number) => `${quote}${1 + draw(i, 4, 2)},5${quote}`;
    const text = `${['user', 'movie', 'rating'].join(separator)}\n${lines(300, (i) => [`u${i % 30}`, `m${i % 40}`, rating(i)].join(separator))}`;
    expect(new Set((await loadText(text)).labels)).toEqual(new Set([1.5, 2.5, 3.5, 4.5]));
  });

  test.each([
    '?',
    'NA',
    'N/A',
    '#N/A',
    '<NA>',
    '-',
    'null',
    'None',
    'nan',
    'inf',
    '-inf',
    '#DIV/0!',
    '.',
    'undefined',
    '',
  ])('%j is a missing number, counted by what it says', async (marker) => {
    const text = `click,user,city,a\n${lines(300, (i) => `${click(i)},u${i % 9},c${i % 5},${i % 4 ? `${i}.5` : marker}`)}`;
    const preview = await inspect(sourceOf(text));
    expect(preview.columns[3].role).toBe('number');
    expect(preview.columns[3].profile?.missing).toEqual([{ marker: marker || 'empty', count: 75 }]);
    expect(await loadText(text)).toMatchObject({ examples: 300, report: { skipped: [] } });
  });

  test('missing values of a category are one value', async () => {
    const text = `click,user,city\n${lines(700, (i) => `${click(i)},u${i % 7},${['', 'NULL', 'nan', 'None', 'c1', 'c2'][i % 6]}`)}`;
    expect((await loadText(text)).fields[1].cardinality).toBe(3 + 1);
  });

  test('negative numbers keep their order, and counts their logarithm', async () => {
    const text = `click,user,city,score,views,gain\n${lines(600, (i) => `${click(i)},u${i % 9},c${i % 5},${(draw(i, 600, 2) - 300) / 100},${draw(i, 900, 3)},${i % 50 === 0 ? -9_000_000 : draw(i, 9, 4)}.25`)}`;
    const { numericColumns, numbers } = await loadText(text);
    expect(numericColumns.map(({ transform }) => transform.kind)).toEqual([
      'standardise',
      'log',
      'standardise',
    ]);
    expect(new Set(numbers.filter((_, i) => i % 3 === 0)).size).toBeGreaterThan(300);
    const forced = await kinds(text, { transforms: [null, null, null, 'log', null, null] });
    expect(forced).toContain('negative-under-log score');
  });
});

describe('dates', () => {
  const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + draw(i, 366, 2)));
  const iso = (date: Date) => date.toISOString().slice(0, 10);
  const parts = (date: Date) => iso(date).split('-');
  const table = (write: (date: Date) => string, days = day) =>
    `click,user,city,date\n${lines(300, (i) => `${click(i)},u${i % 30},c${i % 9},${write(days(i))}`)}`;
  const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

  test.each([
    ['24/10/2024', (date: Date) => parts(date).toReversed().join('/')],
    ['24.10.2024', (date: Date) => parts(date).toReversed().join('.')],
    ['10/24/2024', (date: Date) => [parts(date)[1], parts(date)[2], parts(date)[0]].join('/')],
    ['24 Oct 2024', (date: Date) => `${parts(date)[2]} ${months[date.getUTCMonth()]} ${parts(date)[0]}`],
    [
      'Oct 24 2024 13:05',
      (date: Date) => `${months[date.getUTCMonth()]} ${parts(date)[2]} ${parts(date)[0]} 13:05`,
    ],
    [
      '24/10/24 1:05 pm',
      (date: Date) => `${parts(date)[2]}/${parts(date)[1]}/${parts(date)[0].slice(2)} 1:05 pm`,
    ],
  ])('%s splits as its ISO date does', async (_, write) => {
    const [written, expected] = await Promise.all([
      loadText(table(write), { splitBy: 'time' }),
      loadText(table(iso), { splitBy: 'time' }),
    ]);
    expect(written.ids).toEqual(expected.ids);
    expect(written.labels).toEqual(expected.labels);
  });

  test('dates that could be read in both orders are no times to split by, until a person says which', async () => {
    const early = (i: number) => new Date(Date.UTC(2024, draw(i, 12, 3), 1 + draw(i, 12, 4)));
    const text = table((date) => parts(date).toReversed().join('/'), early);
    const error = await errorOf(loadText(text, { splitBy: 'time' }));
    expect(error.message).toMatch(/may be \d+ \w+ 2024 or \d+ \w+ 2024/);
    expect(error.remedy).toMatch(/--date-order/);
    expect(await kinds(text)).toContain('ambiguous-date date');
    const said = await loadText(text, { splitBy: 'time', dateOrder: 'day-first' });
    const expected = await loadText(table(iso, early), { splitBy: 'time' });
    expect(said.ids).toEqual(expected.ids);
  });
});

describe('roles', () => {
  test('ids beyond 2^53, with leading zeros or a plus, are codes', async () => {
    const text = `click,cookie,part,scholar,tel\n${lines(3000, (i) => [click(i), `90071992547409${90 + (i % 9)}`, `000${100 + draw(i, 90)}`, `1189850876250608${3280 + draw(i, 30)}`, `+43660${400 + draw(i, 80)}`].join(','))}`;
    expect(await rolesOf(text)).toEqual({
      click: 'label',
      cookie: 'category',
      part: 'category',
      scholar: 'category',
      tel: 'category',
    });
    const { fields } = await loadText(text, { minCount: 1 });
    expect(fields.map(({ cardinality }) => cardinality)).toEqual([10, 91, 31, 81]);
  });

  test('digits that a file states as text are codes', async () => {
    const row = (i: number) => ({
      clicked: click(i),
      views: String(20 + draw(i, 400)),
      price: 20 + draw(i, 400, 2),
      user: `u${i % 9}`,
    });
    expect(await rolesOf(lines(300, (i) => JSON.stringify(row(i))))).toEqual({
      clicked: 'label',
      views: 'category',
      price: 'number',
      user: 'category',
    });
  });

  test('digits that are codes are categories, quantities are numbers', async () => {
    const codes =
      'ad slot creative sku merchant visitor placement query news article isbn ean phone cookie ip agent browser os C14 adgroup topic host asin uid ITEM_NO customerNr hotel course poi business'.split(
        ' ',
      );
    const quantities = ['age', 'quantity', 'views', 'price', 'n_clicks', 'duration_ms', 'numReviews'];
    const names = ['label', ...codes, ...quantities];
    const cell = (column: number, i: number) =>
      column === 0 ? click(i) : 20 + draw(i, 400 + column, column);
    const roles = await rolesOf(
      `${names.join(',')}\n${lines(1000, (i) => names.map((_, column) => cell(column, i)).join(','))}`,
    );
    for (const name of codes) expect([name, roles[name]]).toEqual([name, 'category']);
    for (const name of quantities) expect([name, roles[name]]).toEqual([name, 'number']);
  });

  test('a visitor that differs in the first 256 kB and comes back later is a category', async () => {
    const text = `click,visitor,city\n${lines(60_000, (i) => `${click(i)},visitor-${(i * 7) % 30_000},c${i % 9}`)}`;
    expect(await rolesOf(text)).toMatchObject({ visitor: 'category' });
  });

  test('2 , 2.0 and 2 are one user', async () => {
    const text = `click,user_id,city\n${lines(300, (i) => `${click(i)},${i % 10}${['', ' ', '.0'][i % 3]},c${i % 5}`)}`;
    expect((await loadText(text)).fields[0].cardinality).toBe(11);
  });

  const labelNames =
    'CLICK Clicks HasClick Label booking_bool bought click_flag clicked clk converted ctr isClick is_attributed is_click is_like label_click like long_view target y purchased is_fraud'.split(
      ' ',
    );
  const ratingNames = [
    'Book-Rating',
    'Rating (1-5)',
    'grade',
    'overall',
    'review_score',
    'reviews.rating',
    'score_5',
    'star_rating',
    'userRating',
    'stars',
    'watch_ratio',
  ];
  test.each([
    ...labelNames.map((name) => [name, 2] as const),
    ...ratingNames.map((name) => [name, 5] as const),
  ])('a label is found by a telling name, also as a part of it and in any case: %s', async (name, values) => {
    const text = `user_id,gender,weekday,price,${name}\n${lines(300, (i) => `${draw(i, 40)},${draw(i, 2, 5)},${draw(i, 7, 2)},${draw(i, 900, 3)}.5,${draw(i, values, 4)}`)}`;
    const preview = await inspect(sourceOf(text));
    expect(preview.columns[4]).toMatchObject({ role: 'label' });
    expect(preview.columns[4].confidence).not.toBe('weak');
    expect(preview.task).toBe(values === 2 ? 'click' : 'rating');
  });

  test.each([
    [
      'user,place,x,y,rating',
      (i: number) => `u${i % 30},p${i % 40},${i / 7},${(i * 3) / 7},${1 + draw(i, 5)}`,
      'rating',
    ],
    [
      'passenger_id,class,sex,survived',
      (i: number) => `${i + 1},${1 + draw(i, 3)},${'MF'[draw(i, 2, 2)]},${click(i)}`,
      'survived',
    ],
    [
      'user,response_ms,response,item,bought',
      (i: number) => `u${i % 30},${draw(i, 900)},${draw(i, 500, 2)},i${i % 40},${click(i)}`,
      'bought',
    ],
    [
      'user,score,item,converted',
      (i: number) => `u${i % 30},0.${draw(i, 999)},i${i % 40},${click(i)}`,
      'converted',
    ],
    [
      'user,target,item,clicked',
      (i: number) => `u${i % 30},${draw(i, 40)},i${i % 40},${click(i)}`,
      'clicked',
    ],
    [
      'user,city,gender,clicked',
      (i: number) => `u${i % 30},c${i % 9},${draw(i, 2, 5)},${i % 5 ? click(i) : ''}`,
      'clicked',
    ],
    [
      'user,click_time,click_id,is_new,conversion',
      (i: number) => `u${i % 30},${1_700_000_000 + i},k${i % 50},${draw(i, 2, 5)},${click(i)}`,
      'conversion',
    ],
  ])('%s', async (header, row, label) => {
    const text = `${header}\n${lines(400, row)}`;
    expect((await rolesOf(text))[label]).toBe('label');
  });

  test('lines without a label are left out and counted, however many', async () => {
    const text = `user,city,gender,clicked\n${lines(400, (i) => `u${i % 30},c${i % 9},${draw(i, 2, 5)},${i % 4 ? click(i) : ''}`)}`;
    expect(await loadText(text)).toMatchObject({
      examples: 300,
      report: { skipped: [{ reason: 'label in column 4 (clicked) is missing', count: 100 }] },
    });
  });

  test('a weak guess is named, with how to say otherwise', async () => {
    const text = `user,city,member,night\n${lines(300, (i) => `u${i % 30},c${i % 9},${draw(i, 2, 5)},${click(i)}`)}`;
    const { report } = await loadText(text);
    expect(report.warnings).toMatchObject([
      { kind: 'weak-guess', column: 'night', remedy: expect.stringContaining('--roles') },
      {},
    ]);
  });
});

describe('labels', () => {
  const table = (label: (i: number) => string, name = 'label') =>
    `${name},user,city\n${lines(300, (i) => `${label(i)},u${i % 30},c${i % 9}`)}`;
  const numbers = table((i) => String(click(i)));

  test.each([
    [
      'words of any case',
      (i: number) => (click(i) ? ['True', 'TRUE', 'true'][i % 3] : ['False', 'false'][i % 2]),
    ],
    ['yes and no with blanks', (i: number) => (click(i) ? 'Yes' : ' no ')],
    ['clicked and not clicked', (i: number) => (click(i) ? 'clicked' : 'not clicked')],
    ['positive and negative', (i: number) => (click(i) ? 'positive' : 'negative')],
    ['a 1 and nothing', (i: number) => (click(i) ? '1' : '')],
    ['−1 and +1', (i: number) => (click(i) ? '+1' : '-1')],
    ['1 and 2', (i: number) => (click(i) ? '2' : '1')],
    ['0 and 1.0', (i: number) => (click(i) ? ['1', '1.0'][i % 2] : '0')],
    ['0.1 and 0.9', (i: number) => (click(i) ? '0.9' : '0.1')],
    ['1.1 and 2.2', (i: number) => (click(i) ? '2.2' : '1.1')],
    ['"0,0" and "1,0"', (i: number) => (click(i) ? '"1,0"' : '"0,0"')],
  ])('%s are 0 and 1', async (_, label) => {
    const text = table(label);
    expect((await inspect(sourceOf(text))).task).toBe('click');
    expect(await same(text, numbers)).toMatchObject({ task: 'click', examples: 300 });
  });

  test('events of a log: the purchase is learnt, with or without a header', async () => {
    const event = (i: number) => ['pv', 'cart', 'pv', 'fav', 'buy', 'pv'][draw(i, 6)];
    const body = lines(
      300,
      (i) => `${draw(i, 40, 2)},${draw(i, 60, 3)},${draw(i, 9, 4)},${event(i)},${1_700_000_000 + 13 * i}`,
    );
    const text = `user_id,item_id,category_id,behavior,timestamp\n${body}`;
    const preview = await inspect(sourceOf(text));
    expect(preview.labelReading).toBe('1 where it is “buy”, else 0');
    expect(preview.columns.map(({ role }) => role)).toEqual([
      'category',
      'category',
      'category',
      'label',
      'time',
    ]);
    expect(await same(text, body)).toMatchObject({ task: 'click' });
  });

  test('a rule makes clicks of ratings, counts and events', async () => {
    const rating = (i: number) => 1 + draw(i, 5);
    const text = table((i) => String(rating(i)), 'rating');
    const rule = { kind: 'at-least', value: 4 } as const;
    const dataset = await loadText(text, { labelRule: rule });
    expect(dataset.task).toBe('click');
    expect(dataset.labels).toEqual((await loadText(table((i) => String(Number(rating(i) >= 4))))).labels);
  });

  test('counts of clicks are clicks where they are above 0', async () => {
    const count = (i: number) => (click(i) ? [1, 1, 1, 1, 1, 1, 1, 2, 2, 3][i % 10] : 0);
    const dataset = await loadText(table((i) => String(count(i)), 'clicks'));
    expect(dataset).toMatchObject({ task: 'click', examples: 300, report: { skipped: [] } });
    expect(dataset.labels).toEqual((await loadText(numbers)).labels);
    expect(dataset.report.warnings).toContainEqual(expect.objectContaining({ kind: 'counted-label' }));
  });

  test('a log of what happened alone is learnt as a ranking', async () => {
    const text = `user_id,item_id,timestamp\n${lines(300, (i) => `${draw(i, 40)},${draw(i, 60, 2)},${1_700_000_000 + i}`)}`;
    expect((await loadText(text)).task).toBe('ranking');
  });
});

describe('warnings before training', () => {
  const rare = (positives: readonly number[]) =>
    `click,user,city\n${lines(5000, (i) => `${Number(positives.includes(i))},u${draw(i, 50)},c${i % 10}`)}`;
  const train = Array.from({ length: 60 }, (_, i) => i)
    .filter((i) => (Math.imul(i, 2654435761) >>> 16) % 10 < 8)
    .slice(0, 7);

  test('a split with one class says so, and a stratified one has both', async () => {
    const text = rare(train);
    const { report } = await loadText(text);
    expect(report.warnings).toMatchObject([
      {
        kind: 'one-class',
        message: expect.stringMatching(/validation has only labels 0; test has only labels 0/),
        remedy: expect.stringMatching(/stratified/),
      },
    ]);
    const { splits, labels } = await loadText(text, { splitBy: 'stratified' });
    const ones = Object.values(splits).map(({ start, count }) =>
      labels.subarray(start, start + count).reduce((a, b) => a + b, 0),
    );
    expect(ones).toEqual([5, 1, 1]);
    expect(splits.train.count).toBe(4000 + 1 - 1);
  });

  test('labels too rare for an AUC are named with its error', async () => {
    const { report } = await loadText(rare(Array.from({ length: 60 }, (_, i) => i * 80)));
    expect(report.warnings).toMatchObject([
      { kind: 'rare-label', message: expect.stringMatching(/standard error of about ±0\.\d\d/) },
    ]);
  });

  test('a column that is the label once more, its complement, or nearly so, is named; an honest one is not', async () => {
    const noisy = (i: number) => (i % 500 === 0 ? 1 - click(i) : click(i));
    const text = `user,same,nonclk,almost,amount,honest,clk\n${lines(4000, (i) =>
      [
        `u${draw(i, 60)}`,
        click(i) ? 'buyer' : 'visitor',
        1 - click(i),
        `a${noisy(i)}`,
        click(i) * 5 + draw(i, 400, 6) / 100,
        draw(i, 4, 5) < 3 ? click(i) : 1 - click(i),
        click(i),
      ].join(','),
    )}`;
    expect((await kinds(text)).filter((kind) => kind.startsWith('leak'))).toEqual([
      'leak same',
      'leak nonclk',
      'leak almost',
      'leak amount',
    ]);
  });

  test('a user that clicks always or never is no leak while users come once', async () => {
    const text = `click,visit,city\n${lines(3000, (i) => `${click(i)},v${i},c${i % 9}`)}`;
    expect(await kinds(text, { roles: ['label', 'category', 'category'] })).toEqual(['all-distinct visit']);
  });

  test('a time beside a random split', async () => {
    const text = `click,user,city,time\n${lines(3000, (i) => `${click(i)},u${i % 30},c${i % 9},${1_700_000_000 + i}`)}`;
    expect(await kinds(text)).toEqual(['random-split']);
    expect(await kinds(text, { splitBy: 'time' })).toEqual([]);
  });

  test('none for a plain log', async () => {
    expect(await kinds(`click,user,city\n${lines(3000, (i) => `${click(i)},u${i % 30},c${i % 9}`)}`)).toEqual(
      [],
    );
  });
});

describe('what is right stays right', () => {
  test.each([
    ['double BOM', '\uFEFF\uFEFFclick,user,city\n'],
    ['emoji names', '👍 click,🙂,🏙️\n'],
    ['names of one word in two cases', 'Click,user,USER\n'],
  ])('%s', async (_, header) => {
    const dataset = await loadText(
      `${header}${lines(300, (i) => `${click(i)},user${i % 30}@example.org,c${i % 9}`)}`,
    );
    expect(dataset).toMatchObject({ task: 'click', examples: 300 });
    expect(dataset.fields.map(({ cardinality }) => cardinality)).toEqual([31, 10]);
  });

  test('a thousand columns', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => (i === 0 ? 'label' : `f${i}`));
    const text = `${names.join(',')}\n${lines(60, (i) => names.map((_, column) => (column ? `v${draw(i, 9, column)}` : click(i))).join(','))}`;
    expect((await loadText(text)).fields).toHaveLength(999);
  });

  test('the profile of a file of several parts says what it looked at', async () => {
    const text = `click,user,city\n${lines(1_000_000, (i) => `${click(i)},u${i % 30},c${i % 9}`)}`;
    const whole = await inspect(sourceOf('click,user,city\n1,a,b\n0,b,c\n'));
    expect(whole.profiled).toEqual({ rows: 2, unfit: [], isWhole: true, sample: 'all of its lines' });
    const parts = await inspect(new File([text], 'long.csv'));
    expect(parts.profiled).toMatchObject({ isWhole: false, sample: '16 parts spread over the whole file' });
    const beginning = await inspect(sourceOf(text));
    expect(beginning.profiled).toMatchObject({ isWhole: false, sample: 'its first 8 MB of text' });
    expect(contentOf(await loadText(text))).toBe(contentOf(await loadText(text)));
  });
});
