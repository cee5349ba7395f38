// One optimiser step on `count` floats; step sizes and corrections come from outside.
// The formulas are those of ../optimizer.ts.

// A step takes four floats, or one (in the first lane) where fewer than four are left.
// @ts-ignore: decorator
@inline
function read(from: usize, four: bool): v128 {
  return four ? v128.load(from) : v128.load32_zero(from);
}

// @ts-ignore: decorator
@inline
function write(to: usize, value: v128, four: bool): void {
  if (four) v128.store(to, value);
  else v128.store_lane<f32>(to, value, 0);
}

// @ts-ignore: decorator
@inline
function subtract(values: usize, move: v128, four: bool): void {
  write(values, f32x4.sub(read(values, four), move), four);
}

export function sgd(values: usize, gradients: usize, count: i32, learningRate: f32): void {
  const rate = f32x4.splat(learningRate);
  let left = count;
  while (left > 0) {
    const four = left >= 4;
    const size: usize = four ? 16 : 4;
    subtract(values, f32x4.mul(rate, read(gradients, four)), four);
    values += size;
    gradients += size;
    left -= four ? 4 : 1;
  }
}

export function adagrad(
  values: usize,
  gradients: usize,
  sum: usize,
  count: i32,
  learningRate: f32,
  epsilon: f32,
): void {
  const rate = f32x4.splat(learningRate);
  const eps = f32x4.splat(epsilon);
  let left = count;
  while (left > 0) {
    const four = left >= 4;
    const size: usize = four ? 16 : 4;
    const d = read(gradients, four);
    const a = f32x4.add(read(sum, four), f32x4.mul(d, d));
    write(sum, a, four);
    subtract(values, f32x4.div(f32x4.mul(rate, d), f32x4.add(f32x4.sqrt(a), eps)), four);
    values += size;
    gradients += size;
    sum += size;
    left -= four ? 4 : 1;
  }
}

/** vMax 0: Adam, otherwise AMSGrad. rate = lr/(1 − β1^t), root = √(1 − β2^t), gains = 1 − β. */
export function adam(
  values: usize,
  gradients: usize,
  m: usize,
  v: usize,
  vMax: usize,
  count: i32,
  beta1: f32,
  gain1: f32,
  beta2: f32,
  gain2: f32,
  rate: f32,
  root: f32,
  epsilon: f32,
): void {
  const b1 = f32x4.splat(beta1);
  const g1 = f32x4.splat(gain1);
  const b2 = f32x4.splat(beta2);
  const g2 = f32x4.splat(gain2);
  const step = f32x4.splat(rate);
  const correction = f32x4.splat(root);
  const eps = f32x4.splat(epsilon);
  let left = count;
  while (left > 0) {
    const four = left >= 4;
    const size: usize = four ? 16 : 4;
    const d = read(gradients, four);
    const first = f32x4.add(f32x4.mul(b1, read(m, four)), f32x4.mul(g1, d));
    let second = f32x4.add(f32x4.mul(b2, read(v, four)), f32x4.mul(g2, f32x4.mul(d, d)));
    write(m, first, four);
    write(v, second, four);
    if (vMax) {
      // A NaN in v does not enter the maximum, as in the plain loop.
      second = f32x4.pmax(read(vMax, four), second);
      write(vMax, second, four);
      vMax += size;
    }
    const below = f32x4.add(f32x4.div(f32x4.sqrt(second), correction), eps);
    subtract(values, f32x4.div(f32x4.mul(step, first), below), four);
    values += size;
    gradients += size;
    m += size;
    v += size;
    left -= four ? 4 : 1;
  }
}
