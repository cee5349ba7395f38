// update_value: value −= movement, of the optimizer_*.wgsl that is included before (included); with KEEP_ZEROS 0 stays 0
// shapes   values f32[*]: sizes.values_at + element   state: see optimizer_*.wgsl
// dispatch none: a function only
// races    none: the caller owns the element
override KEEP_ZEROS: bool = false;

fn update(element: u32, gradient: f32, scale: f32) {
  let at = sizes.values_at + element;
  let moved = values[at] - movement(element, gradient, scale);
  if (!KEEP_ZEROS || values[at] != 0.0) { values[at] = moved; }
}
