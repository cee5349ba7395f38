import { build, preview, type PreviewServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built app, with a slash at the end. */
    appUrl: string;
  }
}

/** Builds the app and serves it as static files: what users get, and what the end-to-end tests drive. */
export async function serveBuild(): Promise<PreviewServer> {
  await build({ logLevel: 'error' });
  return preview({ preview: { host: '127.0.0.1', port: 0 }, logLevel: 'warn' });
}

let server: PreviewServer | undefined;

export async function setup(project: TestProject): Promise<void> {
  server = await serveBuild();
  project.provide('appUrl', server.resolvedUrls!.local[0]);
}

export async function teardown(): Promise<void> {
  await server?.close();
}
