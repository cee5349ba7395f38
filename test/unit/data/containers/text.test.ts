import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, sourceOf } from '../sources.ts';
import { fileOf, readContent, tornSource } from './reading.ts';

const bytesOf = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding));
const utf16be = (text: string) => new Uint8Array(Buffer.from(text, 'utf16le').swap16());
const text = 'click,city\n1,Zürich\n0,Łódź ☃ 😀\n';
const latin = 'click,city\n1,Zürich\n0,café\n';

describe('the encoding of text is found by its bytes', () => {
  test.each([
    ['UTF-8', bytesOf(text, 'utf8'), text, 'utf-8'],
    ['UTF-8 with its mark', bytesOf(`\uFEFF${text}`, 'utf8'), text, 'utf-8'],
    ['UTF-8 with two marks', bytesOf(`\uFEFF\uFEFF${text}`, 'utf8'), text, 'utf-8'],
    ['UTF-16, small end first', bytesOf(`\uFEFF${text}`, 'utf16le'), text, 'utf-16le'],
    ['UTF-16, big end first', utf16be(`\uFEFF${text}`), text, 'utf-16be'],
    ['UTF-16 without its mark', bytesOf(latin, 'utf16le'), latin, 'utf-16le'],
    ['UTF-16, big end first, without its mark', utf16be(latin), latin, 'utf-16be'],
    ['Latin-1', bytesOf(latin, 'latin1'), latin, 'windows-1252'],
    ['ASCII', bytesOf('click,city\n1,Wien\n', 'latin1'), 'click,city\n1,Wien\n', 'utf-8'],
  ])('%s', async (_, bytes, expected, encoding) => {
    for (const open of [fileOf, tornSource]) {
      expect(await readContent(open(bytes))).toMatchObject({ text: expected, encoding });
    }
  });

  test('windows-1252 that begins after 200 kB of ASCII', async () => {
    const long = `click,city\n${'1,Wien\n'.repeat(30_000)}0,“café”\n`;
    const bytes = Uint8Array.from(Buffer.from(long.replace('“', '\x93').replace('”', '\x94'), 'latin1'));
    expect(await readContent(fileOf(bytes))).toMatchObject({ text: long, encoding: 'windows-1252' });
  });

  test('or is the one that is asked for', async () => {
    const cyrillic = Uint8Array.from([0x31, 0x2c, 0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x0a]);
    expect(await readContent(fileOf(cyrillic), { encoding: 'cp1251' })).toMatchObject({
      text: '1,Привет\n',
      encoding: 'windows-1251',
    });
    const japanese = Uint8Array.from([0x31, 0x2c, 0x93, 0xfa, 0x96, 0x7b, 0x0a]);
    expect(await readContent(tornSource(japanese), { encoding: 'shift_jis' })).toMatchObject({
      text: '1,日本\n',
    });
    const unknown = await errorOf(readContent(fileOf(cyrillic), { encoding: 'klingon' }));
    expect(unknown.message).toMatch(/“klingon” is no encoding/);
    const wrong = await errorOf(readContent(fileOf(cyrillic), { encoding: 'utf-8' }));
    expect(wrong.message).toMatch(/not valid UTF-8/);
  });

  test('any text is read back from UTF-8 and UTF-16 with a mark, torn anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 300 }).map((any) => any.replaceAll(/[\0\uFEFF]/g, '')),
        fc.array(fc.nat(600), { maxLength: 8 }),
        async (any, cuts) => {
          for (const [bytes, encoding] of [
            [bytesOf(any, 'utf8'), 'utf-8'],
            [bytesOf(`\uFEFF${any}`, 'utf16le'), 'utf-16le'],
            [utf16be(`\uFEFF${any}`), 'utf-16be'],
          ] as const) {
            const at = cuts.map((cut) => cut % Math.max(1, bytes.length)).toSorted((a, b) => a - b);
            const options = { encoding };
            expect((await readContent(sourceOf(bytes, 'file', at), options)).text).toBe(any);
          }
        },
      ),
      { numRuns: 100, seed: 16 },
    );
  });
});
