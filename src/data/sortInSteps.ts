import type { Steps } from './containers/pace.ts';

/** Numbers that the native sort takes about 20 ms for. */
const runLength = 1 << 18;
/** Numbers merged between two yields. */
const mergeLength = 1 << 20;

/** Sorts numbers in place, rising, by merging runs of the native sort; as long again is taken for a copy. */
export function* sortInSteps(numbers: Float64Array): Steps<void> {
  for (let start = 0; start < numbers.length; start += runLength) {
    numbers.subarray(start, start + runLength).sort();
    yield;
  }
  if (numbers.length <= runLength) return;
  let from = numbers;
  let to: Float64Array = new Float64Array(numbers.length);
  for (let width = runLength; width < numbers.length; width *= 2) {
    for (let start = 0; start < numbers.length; start += 2 * width) {
      yield* merge(from, to, start, start + width, start + 2 * width);
    }
    [from, to] = [to, from];
  }
  if (from !== numbers) numbers.set(from);
}

function* merge(
  from: Float64Array,
  to: Float64Array,
  start: number,
  middle: number,
  end: number,
): Steps<void> {
  const leftEnd = Math.min(middle, from.length);
  const rightEnd = Math.min(end, from.length);
  let left = start;
  let right = leftEnd;
  for (let at = start; at < rightEnd; at++) {
    const takesLeft = left < leftEnd && (right === rightEnd || from[left] <= from[right]);
    to[at] = takesLeft ? from[left++] : from[right++];
    if (at % mergeLength === 0) yield;
  }
}
