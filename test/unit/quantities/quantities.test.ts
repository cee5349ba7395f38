import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readBytes,
  readCount,
  readShare,
  shortCount,
  writeBytes,
  writeCount,
} from '../../../src/quantities/quantities.ts';

const counts = fc.oneof(fc.nat(2000), fc.maxSafeNat());

describe('quantities as people write them', () => {
  test('a count is read as it was written', () => {
    fc.assert(
      fc.property(counts, (count) => {
        expect(readCount(writeCount(count))).toBe(count);
      }),
    );
  });

  test('short counts and sizes are read to the three digits that they have', () => {
    const near = (read: number, value: number) =>
      expect(Math.abs(read - value)).toBeLessThanOrEqual(0.005 * value);
    fc.assert(
      fc.property(counts, (value) => {
        near(readCount(shortCount(value)), value);
        near(readBytes(writeBytes(value)), value);
      }),
    );
  });

  test('what was read of a short text is written as the same text', () => {
    const digits = fc.integer({ min: 1, max: 999 });
    fc.assert(
      fc.property(digits, fc.constantFrom('', 'k', 'M', 'G'), (mantissa, suffix) => {
        expect(shortCount(readCount(`${mantissa}${suffix}`))).toBe(`${mantissa}${suffix}`);
        expect(writeBytes(readBytes(`${mantissa} ${suffix}B`))).toBe(`${mantissa} ${suffix}B`);
      }),
    );
  });

  test('a share is the quotient of its numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(1000), (part, rest) => {
        expect(readShare(`${part}/${part + rest}`)).toBe(part / (part + rest));
      }),
    );
  });

  test.each([
    ['42 000', 42_000],
    ['42k', 42_000],
    ['42K', 42_000],
    ['4.35M', 4_350_000],
    ['1.2 G', 1.2e9],
  ])('%s is a count', (text, count) => expect(readCount(text)).toBe(count));

  test.each([
    ['20 MB', 20e6],
    ['512kb', 512e3],
    ['1.5 GB', 1.5e9],
    ['300 B', 300],
  ])('%s is a size', (text, bytes) => expect(readBytes(text)).toBe(bytes));

  test.each(['', 'k', '-3', '1e5', '4,20', '1,0000', '0x10', '20 MB'])('“%s” is no count', (text) =>
    expect(readCount(text)).toBeNaN(),
  );
  test.each(['', '20', '20 TB', 'MB'])('“%s” is no size', (text) => expect(readBytes(text)).toBeNaN());
  test.each(['', '1/0', '0/3', '9/8', '1', 'a/b'])('“%s” is no share', (text) =>
    expect(readShare(text)).toBeNaN(),
  );
});
