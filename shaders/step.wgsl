// step: what differs from one step of a section to the next (included by the kernels that need it)
// shapes   one Step of the ring, at a dynamic offset; described in src/backend/webgpu/stepRing.ts
// dispatch none: declarations only
// races    none: read only
struct Step {
  slot: u32,
  count: u32,
  segments: u32,
  long_segments: u32,
  metric_slot: u32,
  learning_rate: f32,
  adam_rate: f32, // learning rate / (1 − β1^t)
  adam_root: f32, // √(1 − β2^t)
  keep: u32, // elements that pruning leaves
  enough: u32, // elements above their thresholds with which freezing is content
  step: u32, // 1 for the first
}
@group(1) @binding(0) var<uniform> current: Step;
