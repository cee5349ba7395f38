import { expect } from 'vitest';

/** Every number of `expected` is there, to 1e-6 of it. */
export function expectClose(actual: unknown, expected: unknown): void {
  if (typeof expected === 'number') {
    const error = Math.abs((actual as number) - expected);
    expect(error, `${String(actual)} for ${expected}`).toBeLessThanOrEqual(1e-6 * Math.abs(expected) + 1e-12);
  } else {
    const parts = expected as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(parts))
      expectClose((actual as Readonly<Record<string, unknown>>)[key], parts[key]);
    if (Array.isArray(expected)) expect(actual).toHaveLength(expected.length);
  }
}
