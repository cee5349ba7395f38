import { describe, expect, test } from 'vitest';
import { describeAdapter, isSoftware } from '../../../src/backend/webgpu/device.ts';

const base = { vendor: '', architecture: '', device: '', description: '', isFallbackAdapter: false };

/** As reported by Chrome and Dawn, 2026-11. */
const adapters: readonly [string, Partial<GPUAdapterInfo>, boolean][] = [
  ['nvidia ampere', { vendor: 'nvidia', architecture: 'ampere' }, false],
  ['apple metal-3', { vendor: 'apple', architecture: 'metal-3' }, false],
  ['unnamed GPU', {}, false],
  [
    'swiftshader-device-subzero (google swiftshader, SwiftShader driver 5.0.0)',
    {
      vendor: 'google',
      architecture: 'swiftshader',
      device: 'swiftshader-device-subzero-',
      description: 'SwiftShader driver 5.0.0',
    },
    true,
  ],
  [
    'llvmpipe-llvm-15-0-6-256-bits (mesa software, llvmpipe: Mesa 25.0.7)',
    {
      vendor: 'mesa',
      architecture: 'software',
      device: 'llvmpipe-llvm-15-0-6-256-bits-',
      description: 'llvmpipe: Mesa 25.0.7',
    },
    true,
  ],
  ['Microsoft Basic Render Driver', { description: 'Microsoft Basic Render Driver' }, true],
  ['intel', { vendor: 'intel', isFallbackAdapter: true }, true],
];

describe('an adapter', () => {
  test.each(adapters)('%s is named and known for software or hardware', (name, info, software) => {
    const full = { ...base, ...info } as GPUAdapterInfo;
    expect(describeAdapter(full)).toBe(name);
    expect(isSoftware(full)).toBe(software);
  });
});
