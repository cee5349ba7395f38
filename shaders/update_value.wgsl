// update_value: value −= movement, of the optimizer_*.wgsl that is included before (included)
// shapes   values f32[*]: sizes.values_at + element   state: see optimizer_*.wgsl
// dispatch none: a function only
// races    none: the caller owns the element
fn update(element: u32, gradient: f32, scale: f32) {
  values[sizes.values_at + element] -= movement(element, gradient, scale);
}
