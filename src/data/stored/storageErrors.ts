import { DataError } from '../containers/errors.ts';

/** Names of errors of the browser, and codes of those of Node, that say that there is no room. */
const fullness: ReadonlySet<string> = new Set(['QuotaExceededError', 'ENOSPC', 'EDQUOT', 'EFBIG']);

/** Those that say that somebody else has the file open. */
const busyness: ReadonlySet<string> = new Set(['NoModificationAllowedError', 'InvalidStateError', 'EBUSY']);

/** What the browser or Node threw about a file of a storage, for people. */
export function toDataError(error: unknown, name: string): Error {
  if (error instanceof DataError) return error;
  const { name: kind = '', code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const reasons = [kind, String(code)];
  if (reasons.some((reason) => fullness.has(reason))) return noRoom(name);
  if (reasons.some((reason) => busyness.has(reason)))
    return new DataError(
      'it is open in another tab.',
      { file: name },
      'Close that tab, or open another data set there.',
    );
  if (kind === 'NotFoundError' || code === 'ENOENT') return notThere(name);
  return new DataError(
    `it cannot be kept or read here: ${message}`,
    { file: name },
    'Load a sample, which fits in memory (row limit), or leave the private window.',
  );
}

/** Also for a write of which fewer bytes were taken than were given. */
export function noRoom(name: string): DataError {
  return new DataError(
    'there is no room left to write it.',
    { file: name },
    'Free some disk, remove data sets that are kept, or load a random sample (row limit).',
  );
}

export function notThere(name: string): DataError {
  return new DataError('it is not there any more.', { file: name }, 'Open the file again.');
}

/** For a read beyond the end. */
export function tooShort(name: string): DataError {
  return new DataError(
    'it ends before its examples do.',
    { file: name },
    'Remove it from the data sets that are kept, and open the file again.',
  );
}
