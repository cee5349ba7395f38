// optimizer_sgd: movement = learning rate · gradient, to be taken off the value (included)
// shapes   none
// dispatch none: functions only
// races    none: the caller owns the element
const ROW_STATE = false;

fn row_scale(row: u32, mean_square: f32) -> f32 { return 1.0; }

fn movement(element: u32, gradient: f32, scale: f32) -> f32 {
  return current.learning_rate * gradient;
}
