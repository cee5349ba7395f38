import type { Failure } from './protocol.ts';

/** Errors of this project carry a remedy; to the others `remedy` is given. */
export function toFailure(error: unknown, remedy: string): Failure {
  const { name = 'Error', message = String(error), remedy: own } = (error ?? {}) as Partial<Failure>;
  return { name, message, remedy: own ?? remedy };
}
