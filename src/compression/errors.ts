/** The request cannot be met by any allocation, or makes no sense for these fields. */
export class AllocationError extends Error {
  override readonly name: string = 'AllocationError';
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** The least that the method can store is more than the budget. */
export class BudgetTooSmallError extends AllocationError {
  override readonly name = 'BudgetTooSmallError';
  readonly budget: number;
  /** The smallest budget that can be met. */
  readonly smallest: number;

  constructor(
    budget: number,
    smallest: number,
    why = `${smallest} rows need one each`,
    otherwise = 'fold more rare values into one row',
  ) {
    super(
      `A budget of ${budget} parameters is too small: ${why}.`,
      `Raise the budget to ${smallest} or more, or ${otherwise}.`,
    );
    this.budget = budget;
    this.smallest = smallest;
  }
}
