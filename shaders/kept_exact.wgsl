// kept_exact: what the forward pass left for the backward pass, in full (included)
// shapes   kept f32[*]
// dispatch none: functions only; the same ones as in kept_packed
// races    none: read only
@group(0) @binding(1) var<storage, read> kept: array<f32>;

fn kept_positive(i: u32) -> bool { return kept[i] > 0.0; }
fn kept_value(i: u32) -> f32 { return kept[i]; }
fn kept_unit(group: u32) -> f32 { return 1.0; }
