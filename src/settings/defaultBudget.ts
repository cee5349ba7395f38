/** Dim of the uniform vectors that the default budget pays for: few enough for click data that α matters. */
const uniformDim = { click: 4, rating: 16 } as const;

/** The budget of a run that leaves it to the data, in embedding parameters. */
export function defaultBudget(
  task: keyof typeof uniformDim,
  fields: readonly { readonly cardinality: number }[],
): number {
  return uniformDim[task] * fields.reduce((rows, field) => rows + field.cardinality, 0);
}
