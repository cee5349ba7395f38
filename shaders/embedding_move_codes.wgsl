// embedding_move_codes: moves the record of one row, given the gradients of its elements (included)
// shapes   records u32[rows, record words]   gradients: a lane has those of words lane, lane + LANES, …
// dispatch LANES threads side by side a row, all of the workgroup at once: there are barriers
// races    none: a row has one set of lanes, a lane writes its own words; sums over lanes are taken in order
// source   Li et al. 2022, arXiv 2212.05735, algorithm 1; Esser et al. 2019, arXiv 1902.08153, eq. 3
const MAX_ELEMENTS = 16u; // elements of a lane at most: 1,024 of a row with 64 lanes
const SCALE_RATE = 0.25;
var<workgroup> shared_sums: array<f32, THREADS>;

// Σ over the lanes of a row, for each of them.
fn sum_lanes(value: f32, local: u32, lane: u32) -> f32 {
  workgroupBarrier();
  shared_sums[local] = value;
  workgroupBarrier();
  if (lane == 0u) {
    var total = 0.0;
    for (var i = 0u; i < LANES; i++) { total += shared_sums[local + i]; }
    shared_sums[local] = total;
  }
  workgroupBarrier();
  return shared_sums[local - lane];
}

// `dim` is 0 for lanes that have nothing to do.
fn move_codes(segment: Segment, dim: u32, local: u32, lane: u32, gradients: ptr<function, array<f32, MAX_ELEMENTS>>) {
  let per_word = 32u / BITS;
  let limit = f32((1u << (BITS - 1u)) - 1u);
  let record = segment.row * sizes.record_words;
  var before = 0.0;
  if (dim > 0u) { before = bitcast<f32>(records[record]); }

  var row_rate = 1.0;
  if (ROW_STATE) {
    var square = 0.0;
    for (var i = 0u; i < MAX_ELEMENTS; i++) { square += (*gradients)[i] * (*gradients)[i]; }
    let mean = sum_lanes(square, local, lane) / f32(max(dim, 1u));
    workgroupBarrier();
    if (lane == 0u && dim > 0u) { shared_sums[local] = row_scale(segment.row, mean); }
    workgroupBarrier();
    row_rate = shared_sums[local - lane];
  }

  var moved: array<f32, MAX_ELEMENTS>;
  var along = 0.0;
  var most = 0.0;
  for (var i = 0u; i < MAX_ELEMENTS; i++) {
    let word = lane + i / per_word * LANES;
    let j = word * per_word + i % per_word;
    if (j < dim) {
      let gradient = (*gradients)[i];
      let value = before * code_of(records[record + 1u + word], i % per_word);
      moved[i] = value - movement(segment.element + j, gradient, row_rate);
      let ratio = moved[i] / before;
      var slope = limit * sign(ratio);
      if (abs(ratio) < limit) { slope = floor(ratio + 0.5) - ratio; }
      along += gradient * slope;
      most += limit * abs(gradient);
    }
  }
  let pull = sum_lanes(along, local, lane);
  let bound = sum_lanes(most, local, lane);
  var scale = before;
  if (bound > 0.0) { scale = before * (1.0 - SCALE_RATE * (pull / bound)); }
  if (lane == 0u && dim > 0u) { records[record] = bitcast<u32>(scale); }

  for (var i = 0u; i < MAX_ELEMENTS; i += per_word) {
    let word = lane + i / per_word * LANES;
    if (word * per_word >= dim) { continue; }
    var word_codes = 0u;
    for (var c = 0u; c < per_word; c++) {
      let j = word * per_word + c;
      if (j < dim) {
        let draws = pcg4d(vec4u(segment.row, j / 4u, current.step, sizes.seed));
        let draw = f32(draws[j % 4u] >> 8u) * 0x1p-24;
        let code = clamp(floor(moved[i + c] / scale + draw), -limit, limit);
        word_codes = insertBits(word_codes, bitcast<u32>(i32(code)), c * BITS, BITS);
      }
    }
    records[record + 1u + word] = word_codes;
  }
}
