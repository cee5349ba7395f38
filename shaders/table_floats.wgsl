// table_floats: an element of a row of a block, of tables of floats (included)
// shapes   tables f32[table elements]
// dispatch none: a function only
// races    none: read only
@group(0) @binding(3) var<storage, read> tables: array<f32>;

fn table_value(block: Block, row: u32, j: u32) -> f32 {
  return tables[sizes.tables_at + block.table + row * block.dim + j];
}
