// random: pcg4d, the counter-based generator of src/random/random.ts, bit for bit (included)
// shapes   four words in, four words out
// dispatch none: a function only
// races    none: pure
// source   Jarzynski & Olano 2020, "Hash Functions for GPU Rendering", listing 5
fn pcg4d(seed: vec4u) -> vec4u {
  var v = seed * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4u(16u);
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  return v;
}
