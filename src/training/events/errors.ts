/** A run cannot be started as asked. `remedy` is a sentence for the person who asked. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
