// threshold: σ(s) of a learnt threshold u = s/rate, and values shrunk by it (included)
// shapes   scalars
// dispatch none: functions only
// races    none: pure functions
// source   Liu et al. 2021, arXiv 2101.07577, eq. 4
const FROZEN_LOGIT = -160.0;

// 0 for thresholds that are final, and where float32 could not hold e^−s.
fn threshold_of(logit: f32) -> f32 {
  if (logit < 0.5 * FROZEN_LOGIT) { return 0.0; }
  return 1.0 / (1.0 + exp(-logit));
}

fn shrink(value: f32, threshold: f32) -> f32 {
  return sign(value) * max(0.0, abs(value) - threshold);
}
