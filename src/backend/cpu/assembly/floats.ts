// Short rows of floats, of any length.

export function copyFloats(to: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += 4;
  }
}

/** Whole vectors of four: up to three floats more than `count` are overwritten. */
export function copyQuads(to: usize, from: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  }
}

/** to[j] += scale·from[j] */
export function addScaled(to: usize, from: usize, scale: f32, count: i32): void {
  const s = f32x4.splat(scale);
  let j = 0;
  for (; j + 4 <= count; j += 4) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(s, v128.load(from))));
    to += 16;
    from += 16;
  }
  for (; j < count; j++) {
    store<f32>(to, load<f32>(to) + scale * load<f32>(from));
    to += 4;
    from += 4;
  }
}
