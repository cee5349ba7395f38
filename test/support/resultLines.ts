/** The result lines of the command line in an order of their own, without what a clock says. */
export function outcomes(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const { msPerStep: _m, seconds: _s, check: _c, ...rest } = JSON.parse(line);
      return JSON.stringify(rest);
    })
    .toSorted();
}
