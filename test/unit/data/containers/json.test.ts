import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../../src/data/containers/limits.ts';
import { load } from '../../../../src/data/load.ts';
import { defaultLoadOptions } from '../../../../src/data/source.ts';
import { errorOf } from '../sources.ts';
import { fileOf, readContent, tornSource } from './reading.ts';

const torn = (text: string) => tornSource(new Uint8Array(Buffer.from(text)));

/** The text of the content, which must not depend on how it is torn. */
async function read(text: string) {
  const whole = await readContent(fileOf(text));
  expect(await readContent(torn(text))).toEqual(whole);
  return whole;
}

describe('objects become rows', () => {
  const expected = 'a,b\n1,x\n2,\n,"y,z"\n';
  test.each([
    ['one a line', '{"a":1,"b":"x"}\n{"a":2}\r\n\n{"b":"y,z"}\n'],
    ['one a line with commas', '{"a":1,"b":"x"},\n{"a":2},\n{"b":"y,z"}'],
    ['in an array', '[{"a":1,"b":"x"},{"a":2},{"b":"y,z"}]'],
    [
      'in an array over many lines',
      '\n[\n  {\n    "a": 1,\n    "b": "x"\n  },\n  {"a": 2}, {"b": "y,z"}\n]\n',
    ],
    ['one after the other over many lines', '{\n"a": 1,\n"b": "x"\n}\n{\n"a": 2}\n{"b":\n"y,z"}'],
  ])('%s', async (_, text) => {
    expect((await read(text)).text).toBe(expected);
  });

  test('whose keys appear late', async () => {
    const { text, columns } = await read(`${'{"a":1}\n'.repeat(3)}{"late":true,"a":null}\n`);
    expect(text).toBe('a,late\n1,\n1,\n1,\n,true\n');
    expect(columns).toBe('a:integer late:boolean');
  });

  test('but not later than keys are looked for', async () => {
    const options = { limits: { ...defaultLimits, scannedJson: 20 } };
    const lines = `${'{"a":1}\n'.repeat(8)}{"late":1}\n`;
    const error = await errorOf(readContent(fileOf(lines), options));
    expect(error.message).toMatch(/line 9: the key “late” appears here for the first time/);
  });

  test('objects in them have names with dots, lists of scalars are a|b|c, deeper ones are JSON and named', async () => {
    const { text, columns, notes } = await read(
      '{"user":{"id":7,"at":{"city":"x"}},"tags":["p",null,"q|r",3],"deep":[{"k":1}],"none":{}}\n{"tags":[]}\n',
    );
    expect(text).toBe('user.id,user.at.city,tags,deep\n7,x,p|q%7Cr|3,"[{""k"":1}]"\n,,,\n');
    expect(columns).toBe('user.id:integer user.at.city:text tags:list deep:nested');
    expect(notes).toEqual(['Column “deep” holds nested values, which are read as JSON text.']);
  });

  test('long whole numbers keep all their digits, and only they', async () => {
    const { text } = await read(
      '{"id":9007199254740993,"s":"a \\" 12345678901234567890","x":-12345678901234567,"f":1.2345678901234567e2,"l":[12345678901234567]}\n{"id":1}\n',
    );
    expect(text.split('\n')[1]).toBe(
      '9007199254740993,"a "" 12345678901234567890",-12345678901234567,123.45678901234567,12345678901234567',
    );
  });

  test('names of the language are names like any other', async () => {
    expect((await read('{"__proto__":1,"constructor":2}\n{"toString":3}\n')).text).toBe(
      '__proto__,constructor,toString\n1,2,\n,,3\n',
    );
  });

  test('a line that is no object is counted as a bad line', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `{"click":${i % 2},"a":"x${i % 3}","b":"y${i % 5}"}`);
    lines.splice(20, 0, '{"click":1,"a"', '17', '[1,2]');
    const { report, examples } = await load(fileOf(lines.join('\n')), { ...defaultLoadOptions, minCount: 1 });
    expect(examples).toBe(60);
    expect(report.linesRead).toBe(63);
    expect(report.skipped).toMatchObject([{ count: 3, reason: expect.stringMatching(/number of columns/) }]);
  });
});

describe('what is no list of objects is named', () => {
  test.each([
    ['one object', '{\n"a": [1, 2],\n"b": [3, 4]\n}\n', /no list of objects: it holds one object/],
    ['arrays', '[[1,2],[3,4]]', /no list of objects: it holds “\[1,2\]/],
    ['numbers', '[1, 2, 3]', /no list of objects: it holds “1/],
    ['a cut array', '[{"a":1},{"a":2}', /ends in the middle/],
    ['a cut object', '[{"a":1},{"a":', /ends in the middle/],
    ['empty objects', '{}\n{}\n', /no objects with keys/],
    ['an empty array', '[]', /no objects with keys/],
  ])('%s', async (_, text, message) => {
    expect((await errorOf(readContent(fileOf(text)))).message).toMatch(message);
    expect((await errorOf(readContent(torn(text)))).message).toMatch(message);
  });

  test('a header in brackets is no JSON', async () => {
    expect((await read('[user],[item]\n1,2\n')).columns).toBeUndefined();
  });
});
