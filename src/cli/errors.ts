/** The command line cannot be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** `--help` was among the flags: unwinds to main, which prints the text and exits with 0. */
export class HelpRequest extends Error {
  override readonly name = 'HelpRequest';
}
