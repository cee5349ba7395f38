import { vi } from 'vitest';
import { main } from '../../src/cli/main.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `dimmer …` in this process, which takes a tenth of the time. `onOutput` is called after every write to stdout. */
export async function dimmer(args: readonly string[], onOutput: () => void = () => {}): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      if (stream === 'stdout') onOutput();
      return true;
    });
  try {
    return { code: await main(args), ...written };
  } finally {
    vi.restoreAllMocks();
  }
}
