// triangle: rows of a lower triangle whose cells are numbered row by row (included)
// shapes   cell n is (row, n − row(row + 1)/2)
// dispatch none: a function only
// races    none: pure
fn triangle_row(cell: u32) -> u32 {
  // The square root may be off by one in float32; the two loops put it right.
  var row = u32((sqrt(8.0 * f32(cell) + 1.0) - 1.0) * 0.5);
  while (row * (row + 1u) / 2u > cell) { row--; }
  while ((row + 1u) * (row + 2u) / 2u <= cell) { row++; }
  return row;
}
