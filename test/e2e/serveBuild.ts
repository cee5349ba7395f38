import { build, preview, type PreviewServer } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the built app, with a slash at the end. */
    appUrl: string;
  }
}

let server: PreviewServer | undefined;

/** The end-to-end tests drive what users get: the built app, served as static files. */
export async function setup(project: TestProject): Promise<void> {
  await build({ logLevel: 'warn' });
  server = await preview({ preview: { host: '127.0.0.1', port: 0 }, logLevel: 'warn' });
  project.provide('appUrl', server.resolvedUrls!.local[0]);
}

export async function teardown(): Promise<void> {
  await server?.close();
}
