// saved_exact: what the forward pass left for the backward pass, in full (included)
// shapes   saved f32[*]
// dispatch none: functions only; the same ones as in saved_quantised
// races    none: read only
@group(0) @binding(1) var<storage, read> saved: array<f32>;

fn saved_positive(i: u32) -> bool { return saved[i] > 0.0; }
fn saved_value(i: u32) -> f32 { return saved[i]; }
fn saved_scale(group: u32) -> f32 { return 1.0; }
