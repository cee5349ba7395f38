import { endWithParent, isHelper, startHelpers, temporaryResults } from './helpers.ts';
import { ResultFile } from './resultFile.ts';

/** Where the lines of a command go, and how many processes append to it. */
export interface SharedResults {
  /** undefined: nobody asked for one, and this process is alone. */
  readonly file: ResultFile | undefined;
  readonly processes: number;
}

/**
 * Opens the file of --out and starts the other processes of --jobs, with `args`, for as long as `action` takes. Without --out they
 * share a file that is removed afterwards. Rejects with UsageError where the file cannot be written.
 */
export async function withSharedResults<T>(
  args: readonly string[],
  { out, jobs: processes = 1 }: { readonly out?: string; readonly jobs?: number },
  action: (results: SharedResults) => Promise<T>,
): Promise<T> {
  endWithParent();
  const temporary = out === undefined && processes > 1 ? await temporaryResults() : undefined;
  const path = out ?? temporary?.path;
  const file = path === undefined ? undefined : await ResultFile.open(path, '--out');
  const theirs = temporary ? [...args, '--out', temporary.path] : args;
  const helpers = isHelper ? undefined : startHelpers(processes - 1, theirs);
  try {
    return await action({ file, processes });
  } finally {
    await helpers?.stop();
    await file?.close();
    await temporary?.remove();
  }
}
