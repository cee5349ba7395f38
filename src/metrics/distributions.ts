/** Tails and quantiles of the normal and of Student’s t distribution, to 11 digits; to 8 with a billion degrees of freedom. */

/** P(T > t) of Student's t with that many degrees of freedom; Infinity: of the standard normal distribution. */
export function upperTail(t: number, degrees = Infinity): number {
  if (t < 0) return 1 - upperTail(-t, degrees);
  if (Number.isNaN(t) || !(degrees > 0)) return NaN;
  if (t === Infinity) return 0;
  return degrees === Infinity ? normalTail(t) : studentTail(t, degrees);
}

/** The t with P(T > t) = tail, for 0 < tail ≤ ½. */
export function upperQuantile(tail: number, degrees = Infinity): number {
  if (!(tail > 0 && tail <= 0.5 && degrees > 0)) return NaN;
  let [low, high] = [0, 1];
  while (upperTail(high, degrees) > tail) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return middle;
    if (upperTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
}

/** ½ erfc(z/√2) for z ≥ 0: the series of DLMF 7.6.2 near 0, the continued fraction of DLMF 8.9.2 beyond. */
function normalTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 2.5) {
    let [term, sum] = [z, z];
    for (let k = 3; term > sum * 1e-17; k += 2) sum += term *= (z * z) / k;
    return 0.5 - density * sum;
  }
  const half = (z * z) / 2;
  const fraction = continuedFraction((n) =>
    n === 0 ? [0, 0] : n === 1 ? [1, half + 0.5] : [-(n - 1) * (n - 1.5), half + 2 * n - 1.5],
  );
  return density * (z / 2) * fraction;
}

/** ½ I_x(ν/2, ½), x = ν/(ν + t²): the continued fraction of DLMF 8.17.22, on the side where it converges. */
function studentTail(t: number, degrees: number): number {
  const a = degrees / 2;
  const ratio = (t * t) / degrees;
  const [x, y] = [1 / (1 + ratio), ratio / (1 + ratio)];
  // x^a·y^½/B(a, ½)
  const front = Math.exp(logGammaRatio(a) - a * Math.log1p(ratio)) * Math.sqrt(y / Math.PI);
  if (x > (a + 1) / (a + 2.5)) return 0.5 - front * betaFraction(y, 0.5, a);
  return (front * betaFraction(x, a, 0.5)) / (2 * a);
}

function betaFraction(x: number, a: number, b: number): number {
  return continuedFraction((n) => {
    if (n <= 1) return [n, n];
    const m = (n - 1) >> 1;
    const numerator =
      n % 2 === 1 ? (m * (b - m)) / (a + 2 * m - 1) : (-(a + m) * (a + b + m)) / (a + 2 * m + 1);
    return [(numerator * x) / (a + 2 * m), 1];
  });
}

/** log Γ(a + ½)/Γ(a): the series of large a, to which small ones are raised. */
function logGammaRatio(a: number): number {
  if (a < 20) return logGammaRatio(a + 1) + Math.log(a / (a + 0.5));
  const square = 1 / (a * a);
  return Math.log(a) / 2 - (1 - square * (1 / 24 - square * (1 / 80 - (square * 17) / 1792))) / (8 * a);
}

/** b₀ + a₁/(b₁ + a₂/(b₂ + …)), [aₙ, bₙ] = term(n): the modified Lentz algorithm (DLMF 3.10). */
function continuedFraction(term: (n: number) => readonly [numerator: number, denominator: number]): number {
  const tiny = 1e-300;
  let value = term(0)[1] || tiny;
  let [above, below] = [value, 0];
  for (let n = 1; n < 10_000; n++) {
    const [numerator, denominator] = term(n);
    below = 1 / (denominator + numerator * below || tiny);
    above = denominator + numerator / above || tiny;
    const factor = above * below;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}
