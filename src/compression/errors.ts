/** The request cannot be met by any allocation, or makes no sense for these fields. */
export class AllocationError extends Error {
  override readonly name: string = 'AllocationError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Even a dim of 1 for every row stores more than the budget. */
export class BudgetTooSmallError extends AllocationError {
  override readonly name = 'BudgetTooSmallError';
  readonly budget: number;
  /** The smallest budget that can be met. */
  readonly smallest: number;

  constructor(budget: number, smallest: number) {
    super(
      `A budget of ${budget} parameters is too small: ${smallest} rows need one each.`,
      `Raise the budget to ${smallest} or more, or fold more rare values into one row.`,
    );
    this.budget = budget;
    this.smallest = smallest;
  }
}
