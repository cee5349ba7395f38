import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { ComparisonLine } from '../../src/cli/comparisonLine.ts';

export interface CommandOutcome {
  readonly code: number;
  /** Of stdout, as JSON. */
  readonly lines: readonly ComparisonLine[];
  readonly stderr: string;
}

/** A command in this process. */
export async function runCommand(args: readonly string[]): Promise<CommandOutcome> {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  try {
    const code = await main(args);
    const lines = written.stdout.split('\n').filter(Boolean);
    return { code, lines: lines.map((line) => JSON.parse(line) as ComparisonLine), stderr: written.stderr };
  } finally {
    vi.restoreAllMocks();
  }
}
