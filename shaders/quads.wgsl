// quads: products in registers that four threads share, a lane of a quad each (included)
// shapes   scalars and vectors of four
// dispatch none: functions only
// races    none: pure
enable subgroups;

// By element: SwiftShader keeps the products of whole vectors in memory.
fn add_product(c: vec4f, a: f32, b: vec4f) -> vec4f {
  return vec4f(c.x + a * b.x, c.y + a * b.y, c.z + a * b.z, c.w + a * b.w);
}

// Two terms of a row's sums.
fn add_products(c: vec4f, a: vec2f, b0: vec4f, b1: vec4f) -> vec4f {
  return vec4f(
    c.x + a.x * b0.x + a.y * b1.x,
    c.y + a.x * b0.y + a.y * b1.y,
    c.z + a.x * b0.z + a.y * b1.z,
    c.w + a.x * b0.w + a.y * b1.w,
  );
}
