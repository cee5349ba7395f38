import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MARK_COLORS, markShapes, methodMarks } from '../../../src/app/accuracy/methodMarks.ts';
import { methods } from '../../../src/compression/methods.ts';

type Triple = readonly [number, number, number];
type Matrix = readonly [Triple, Triple, Triple];

/** Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB. */
const vision: Readonly<Record<string, Matrix>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (matrix: Matrix, [x, y, z]: Triple): Triple =>
  matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Triple;

function linear(hex: string): Triple {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** Ottosson 2020: distances in it are about as large as they look. */
function oklab(rgb: Triple): Triple {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map((value) => Math.cbrt(Math.max(0, value))) as unknown as Triple;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

function contrast(a: string, b: string): number {
  const [light, dark] = [a, b]
    .map((hex) => linear(hex))
    .map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue)
    .sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const [light, dark] = readFileSync(
  new URL('../../../src/app/page/tokens.css', import.meta.url),
  'utf8',
).split("[data-theme='dark']");
const colorIn = (theme: string, name: string): string => new RegExp(`--${name}: (#\\w{6})`).exec(theme)![1];
const colorsOf = (theme: string): string[] =>
  Array.from({ length: MARK_COLORS }, (_, i) => colorIn(theme, `method-${i + 1}`));

describe('the marks of methods', () => {
  test('give every method a shape of its own, and there are twenty', () => {
    expect(new Set(markShapes).size).toBeGreaterThanOrEqual(20);
    const marks = Object.values(methodMarks);
    expect(marks.map(({ label }) => label)).toEqual(Object.values(methods).map(({ label }) => label));
    expect(new Set(marks.map(({ path }) => path)).size).toBe(marks.length);
  });

  test.each([
    ['light', light],
    ['dark', dark],
  ])('are seen on the ground of the %s theme, three to one', (_, theme) => {
    for (const color of colorsOf(theme)) expect(contrast(color, colorIn(theme, 'ground'))).toBeGreaterThan(3);
  });

  test.each(Object.keys(vision))('have colours that are told apart by %s vision', (kind) => {
    for (const theme of [light, dark]) {
      const seen = colorsOf(theme).map((hex) => oklab(times(vision[kind], linear(hex))));
      for (const [i, a] of seen.entries())
        for (const b of seen.slice(0, i))
          expect(Math.hypot(...a.map((value, axis) => value - b[axis]))).toBeGreaterThan(0.06);
    }
  });
});
