// optimizer_adagrad: sum += gradient², movement = learning rate · gradient / (√sum + ε) (included)
// shapes   state_sum f32[*]: element
// dispatch none: functions only
// races    none: the caller owns the element
// source   Duchi, Hazan & Singer 2011; as in PyTorch
@group(0) @binding(8) var<storage, read_write> state_sum: array<f32>;
const ROW_STATE = false;

fn row_scale(row: u32, mean_square: f32) -> f32 { return 1.0; }

fn movement(element: u32, gradient: f32, scale: f32) -> f32 {
  let sum = state_sum[element] + gradient * gradient;
  state_sum[element] = sum;
  return current.learning_rate * gradient / (sqrt(sum) + sizes.epsilon);
}
