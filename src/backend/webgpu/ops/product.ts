import type { Kernel } from '../kernel.ts';
import type { Tuning } from '../tuning.ts';

/** How an op's many small products are cut into tiles: see shaders/product_*.wgsl. */
export interface Cut {
  readonly product: 'tiled' | 'quads' | 'blocked';
  /** Quads of rows and of columns in a tile. */
  readonly left: number;
  readonly right: number;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: (tiles: number) => number;
  /** Tiles side by side that these quads of columns take. */
  readonly columnTiles: (quads: number) => number;
}

/** The rows and columns of a product, in quads. */
export interface ProductShape {
  readonly left: number;
  readonly right: number;
  /** Of every product, where their columns differ; without it all have `right`. */
  readonly widths?: readonly number[];
  /** As many rows as columns in a tile. */
  readonly square?: boolean;
  /** All products sum over the same k, so that small ones may share a workgroup. */
  readonly alike?: boolean;
}

/** Threads of a workgroup: the portable limit is 256, and two workgroups hide each other's barriers. */
const THREADS = 128;
const MOST_COLUMNS = 16;
const MOST_ROWS = 64;
const MOST_SQUARE = 8;
/** shaders/product_tiled.wgsl: bytes of workgroup memory for a quad, TILE_K vec4f; 16 KiB is the portable limit. */
const QUAD_BYTES = 8 * 16;
const WORKGROUP_BYTES = 16 * 2 ** 10;
/** Fewer quads of rows and columns than these leave most of a quad of threads without work. */
const FEWEST_QUADS = 3;

export function cutProducts(tuning: Tuning, shape: ProductShape): Cut {
  if (tuning.matmul === 'tiled') return cutTiled(shape);
  const isSmall = Math.min(shape.left, shape.right) === 1 || Math.max(shape.left, shape.right) < FEWEST_QUADS;
  if (tuning.matmul === 'blocked' || isSmall)
    return {
      product: 'blocked',
      left: 1,
      right: 1,
      constants: { THREADS: tuning.threads },
      workgroups: (tiles) => Math.ceil(tiles / tuning.threads),
      columnTiles: (quads) => quads,
    };
  const { square = false, right, widths = [right] } = shape;
  const hasFifth = !square && widths.some(leavesOne);
  return {
    product: 'quads',
    left: 4,
    right: 4,
    constants: { THREADS: tuning.matmulThreads, FIFTH: hasFifth ? 1 : 0 },
    workgroups: (tiles) => Math.ceil((4 * tiles) / tuning.matmulThreads),
    columnTiles: (quads) => (leavesOne(quads) ? (quads - 1) / 4 : Math.ceil(quads / 4)),
  };
}

/** Products that differ in one side: what a quad of threads has work for, and those of one quad there, which single threads do. */
export function splitNarrow<Product>(
  tuning: Tuning,
  products: readonly Product[],
  quads: (product: Product) => number,
): readonly (readonly Product[])[] {
  if (tuning.matmul !== 'quads') return [products];
  const isNarrow = (product: Product): boolean => quads(product) === 1;
  const groups = [products.filter((product) => !isNarrow(product)), products.filter(isNarrow)];
  return groups.filter(({ length }) => length > 0);
}

/** A last tile of one quad would do the work of four: shaders/product_quads.wgsl gives it to the tile before. */
function leavesOne(quads: number): boolean {
  return quads > 4 && quads % 4 === 1;
}

/** How many products share a workgroup: as many as it has threads and memory for. */
function cutTiled({ left, right, square = false, alike = false }: ProductShape): Cut {
  const columns = evenSide(right, square ? MOST_SQUARE : MOST_COLUMNS);
  const rows = square ? columns : evenSide(left, Math.min(MOST_ROWS, Math.floor(THREADS / columns)));
  const products = alike ? productsOf(rows, columns) : 1;
  return {
    product: 'tiled',
    left: rows,
    right: columns,
    constants: { LEFT_QUADS: rows, RIGHT_QUADS: columns, PRODUCTS: products },
    workgroups: (tiles) => Math.ceil(tiles / products),
    columnTiles: (quads) => Math.ceil(quads / columns),
  };
}

/** A power of two: a pipeline for every side there is would be compiled anew for most dims. */
function evenSide(quads: number, most: number): number {
  let side = 1;
  while (side < quads && 2 * side <= most) side *= 2;
  return side;
}

function productsOf(left: number, right: number): number {
  const thatFit = Math.floor(WORKGROUP_BYTES / (QUAD_BYTES * (left + right + 2)));
  return Math.max(1, Math.min(Math.floor(THREADS / (left * right)), thatFit, 64));
}

export function quadsOf(elements: number): number {
  return Math.ceil(elements / 4);
}

export function productOf<K extends Omit<Kernel, 'variant'>>(kernel: K, { product }: Cut) {
  return { ...kernel, variant: { product } };
}
