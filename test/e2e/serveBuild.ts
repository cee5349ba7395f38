import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview, type PreviewServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built app, with a slash at the end. */
    appUrl: string;
  }
}

/**
 * Builds the app and serves it as static files: what users get, and what the end-to-end tests drive.
 * In a folder of its own, so that two at once do not serve each other's files.
 */
export async function serveBuild(): Promise<PreviewServer> {
  const outDir = await mkdtemp(join(tmpdir(), 'dimmer-build-'));
  const { NODE_ENV } = process.env;
  // A test runner's own NODE_ENV would build React's development version, which draws several times slower.
  process.env.NODE_ENV = 'production';
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  process.env.NODE_ENV = NODE_ENV;
  const server = await preview({
    preview: { host: '127.0.0.1', port: 0 },
    build: { outDir },
    logLevel: 'warn',
  });
  server.httpServer.once('close', () => void rm(outDir, { recursive: true, force: true }));
  return server;
}

let server: PreviewServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  server = await serveBuild();
  project.provide('appUrl', server.resolvedUrls!.local[0]);
}

export async function teardown(): Promise<void> {
  await server?.close();
}
