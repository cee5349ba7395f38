// optimizer_row_adagrad: one accumulator a row: sum += mean gradient², movement = learning rate · gradient / (√sum + ε) (included)
// shapes   state_sum f32[rows]
// dispatch none: functions only
// races    none: one thread of a row calls row_scale, and the caller owns the element
// source   FBGEMM's row-wise Adagrad
@group(0) @binding(8) var<storage, read_write> state_sum: array<f32>;
const ROW_STATE = true;

fn row_scale(row: u32, mean_square: f32) -> f32 {
  let sum = state_sum[row] + mean_square;
  state_sum[row] = sum;
  return 1.0 / (sqrt(sum) + sizes.epsilon);
}

fn movement(element: u32, gradient: f32, scale: f32) -> f32 {
  return current.learning_rate * scale * gradient;
}
