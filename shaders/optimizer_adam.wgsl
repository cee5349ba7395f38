// optimizer_adam: m, v decay towards gradient, gradient²; movement = adam_rate · m / (√v / adam_root + ε) (included)
// shapes   m, v, v_max f32[*]: element
// dispatch none: functions only
// races    none: the caller owns the element
// source   Kingma & Ba 2015, in PyTorch's order of operations; AMSGrad: Reddi, Kale & Kumar 2018
@group(0) @binding(8) var<storage, read_write> m: array<f32>;
@group(0) @binding(9) var<storage, read_write> v: array<f32>;
@group(0) @binding(10) var<storage, read_write> v_max: array<f32>;
override AMSGRAD: bool = true; // without it v_max is a scratch word
const ROW_STATE = false;

fn row_scale(row: u32, mean_square: f32) -> f32 { return 1.0; }

fn movement(element: u32, gradient: f32, scale: f32) -> f32 {
  let first = sizes.beta1 * m[element] + sizes.one_minus_beta1 * gradient;
  var second = sizes.beta2 * v[element] + sizes.one_minus_beta2 * gradient * gradient;
  m[element] = first;
  v[element] = second;
  if (AMSGRAD) {
    second = max(second, v_max[element]);
    v_max[element] = second;
  }
  return current.adam_rate * first / (sqrt(second) / current.adam_root + sizes.epsilon);
}
