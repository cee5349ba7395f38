import type { Failure } from './protocol.ts';

/**
 * An error as it is sent to another thread. Errors of this project have a remedy of their own; others get the one for their name, or
 * `otherwise`.
 */
export function toFailure(
  error: unknown,
  otherwise: string,
  remedies: Readonly<Record<string, string>> = {},
): Failure {
  const { name = 'Error', message = String(error), remedy, choices } = error as Partial<Failure>;
  return {
    name,
    message,
    remedy: remedy ?? remedies[name] ?? otherwise,
    ...(choices?.length && { choices }),
  };
}
