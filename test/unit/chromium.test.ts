import { expect, test } from 'vitest';
import { findChromium, softwareAdapterFlags } from '../chromium.mjs';

test('CHROME_PATH goes before every other browser', () => {
  const before = process.env.CHROME_PATH;
  try {
    process.env.CHROME_PATH = process.execPath;
    expect(findChromium()).toBe(process.execPath);
  } finally {
    if (before === undefined) delete process.env.CHROME_PATH;
    else process.env.CHROME_PATH = before;
  }
});

test('the software adapter is asked for, and nothing that would take it away', () => {
  expect(softwareAdapterFlags).toContain('--use-webgpu-adapter=swiftshader');
  expect(softwareAdapterFlags).not.toContain('--disable-gpu');
});
