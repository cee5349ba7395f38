import type { Plugin } from 'vite';

export function cpuKernels(): Plugin;
