// share: the part-th of `parts` equal shares of so many elements: first, end (included)
// shapes   none
// dispatch none: a function only
// races    none: a pure function
fn share_of(elements: u32, parts: u32, part: u32) -> vec2u {
  let share = (elements + parts - 1u) / parts;
  let first = min(elements, part * share);
  return vec2u(first, min(elements, first + share));
}
