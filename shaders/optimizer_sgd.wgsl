// optimizer_sgd: value −= learning rate · gradient (included)
// shapes   values f32[*]: sizes.values_at + element
// dispatch none: functions only
// races    none: the caller owns the element
const ROW_STATE = false;

fn row_scale(row: u32, mean_square: f32) -> f32 { return 1.0; }

fn update(element: u32, gradient: f32, scale: f32) {
  values[sizes.values_at + element] -= current.learning_rate * gradient;
}
