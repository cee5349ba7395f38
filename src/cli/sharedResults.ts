import { endWithParent, isHelper, startHelpers, temporaryResults } from './helpers.ts';
import { ResultFile, type Results, unkept } from './resultFile.ts';

interface Sharing {
  readonly out?: string;
  readonly jobs?: number;
}

/** As withSharedFile, but without a file where nobody asks for one and no other process takes part. */
export async function withResults<T>(
  args: readonly string[],
  sharing: Sharing,
  action: (results: Results, processes: number) => Promise<T>,
): Promise<T> {
  const isAlone = sharing.out === undefined && (sharing.jobs ?? 1) === 1;
  return isAlone ? action(unkept, 1) : withSharedFile(args, sharing, action);
}

/**
 * Opens the file of --out and starts the other processes of --jobs, with `args`, for as long as `action` takes. Without --out they
 * share a file that is removed afterwards, with all that lies beside it. Rejects with UsageError where the file cannot be written.
 */
export async function withSharedFile<T>(
  args: readonly string[],
  { out, jobs: processes = 1 }: Sharing,
  action: (file: ResultFile, processes: number) => Promise<T>,
): Promise<T> {
  endWithParent();
  const temporary = out === undefined ? await temporaryResults() : undefined;
  const file = await ResultFile.open(out ?? temporary!.path, '--out');
  const theirs = temporary ? [...args, '--out', temporary.path] : args;
  const helpers = isHelper ? undefined : startHelpers(processes - 1, theirs);
  try {
    return await action(file, processes);
  } finally {
    await helpers?.stop();
    await file.close();
    await temporary?.remove();
  }
}
