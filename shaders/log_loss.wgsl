// log_loss: the probability of a logit and its loss, stable for any finite logit (included)
// shapes   scalars
// dispatch none: functions only
// races    none: pure
fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

fn sigmoid(z: f32) -> f32 {
  let e = exp(-abs(z));
  return select(e, 1.0, z >= 0.0) / (1.0 + e);
}

// log(1 + e) for 0 ≤ e ≤ 1: 1 + e loses the digits of a small e, so there the series.
fn log_one_plus(e: f32) -> f32 {
  if (e < 0.01) { return e * (1.0 - e * (0.5 - e * (1.0 / 3.0 - 0.25 * e))); }
  return log(1.0 + e);
}

// max(z, 0) − z·y + log(1 + e^−|z|)
fn log_loss(z: f32, y: f32) -> f32 {
  return max(z, 0.0) - z * y + log_one_plus(exp(-abs(z)));
}
