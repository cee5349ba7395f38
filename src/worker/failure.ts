import type { Failure } from './protocol.ts';

/** An error as it crosses to another thread. Those of this project carry a remedy; for others one is found by name, or is `otherwise`. */
export function toFailure(
  error: unknown,
  otherwise: string,
  remedies: Readonly<Record<string, string>> = {},
): Failure {
  const { name = 'Error', message = String(error), remedy } = error as Partial<Failure>;
  return { name, message, remedy: remedy ?? remedies[name] ?? otherwise };
}
