import { tensorsOf } from '../../../program/dataflow.ts';
import type { MemoryRegion } from '../../../program/memory.ts';
import type { Op, OpKind } from '../../../program/op.ts';
import type { Program } from '../../../program/program.ts';
import { storageOf, type Tensor } from '../../../program/tensor.ts';
import type { BoundOp, Memory } from '../memory.ts';
import {
  denseUpdate,
  interact,
  interactBackward,
  linear,
  linearBackwardInput,
  linearBackwardWeight,
  measureGradient,
} from './dense.ts';
import { embeddingUpdate, gather, l2Penalty } from './embedding.ts';
import {
  AddressAllocator,
  instantiateKernels,
  type KernelExports,
  layOut,
  type LinearLayout,
  LinearMemory,
} from './linearMemory.ts';
import { project, projectBackwardInput, projectBackwardWeight } from './project.ts';
import { measureDeviations, quantise } from './quantisedActivation.ts';
import type { SimdOp } from './simdOp.ts';

/** Ops on tables: where the tables do not fit into linear memory they stay outside, and these run as plain loops. */
const tableOps: ReadonlySet<OpKind> = new Set<OpKind>(['gather', 'embedding-update']);

/** Binds the ops of one program that run in WebAssembly to a linear memory with their tensors. */
export class SimdCompiler {
  readonly linear: LinearMemory;
  readonly #kernels: KernelExports;
  readonly #ops: ReadonlySet<Op>;

  /**
   * undefined: even without its tables the program takes more than `limitBytes`.
   * @throws RangeError where it could be addressed, but the memory cannot be had
   */
  static forProgram(
    program: Program,
    regions: readonly MemoryRegion[],
    module: WebAssembly.Module,
    limitBytes: number,
  ): SimdCompiler | undefined {
    let failure: RangeError | undefined;
    for (const { ops, layout } of candidateLayouts(program, regions, limitBytes)) {
      try {
        return new SimdCompiler(module, new LinearMemory(layout), ops);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        failure = error;
      }
    }
    if (failure) throw failure;
    return undefined;
  }

  private constructor(module: WebAssembly.Module, linear: LinearMemory, ops: ReadonlySet<Op>) {
    this.linear = linear;
    this.#kernels = instantiateKernels(module, linear);
    this.#ops = ops;
  }

  /** undefined: the op runs as plain loops. */
  compile(op: Op, memory: Memory): BoundOp | undefined {
    if (!this.#ops.has(op)) return undefined;
    const { linear } = this;
    const address = (tensor: Tensor | undefined): number => (tensor ? linear.address(tensor) : 0);
    const scratch = scratchOf(op).starts.map((start) => linear.scratch + start);
    return simdOpOf(op)?.make(op, { kernels: this.#kernels, address, memory, linear }, scratch);
  }
}

/** The layout that forProgram tries first. */
export function linearLayoutOf(
  program: Program,
  regions: readonly MemoryRegion[],
  limitBytes: number,
): LinearLayout | undefined {
  return candidateLayouts(program, regions, limitBytes)[0]?.layout;
}

/** A layout with the tables and one without, where they fit the limit. */
function candidateLayouts(
  { sections }: Program,
  regions: readonly MemoryRegion[],
  limitBytes: number,
): readonly { readonly ops: ReadonlySet<Op>; readonly layout: LinearLayout }[] {
  const all = new Set([...sections.train, ...sections.evaluate].filter(simdOpOf));
  const withoutTables = new Set([...all].filter((op) => !tableOps.has(op.kind)));
  return [all, withoutTables].flatMap((ops) => {
    const layout = layOutOps(ops, regions, limitBytes);
    return layout ? [{ ops, layout }] : [];
  });
}

/** Lays out the regions of which an op names a tensor; data, which all runs share, stays outside. */
function layOutOps(
  ops: ReadonlySet<Op>,
  regions: readonly MemoryRegion[],
  limitBytes: number,
): LinearLayout | undefined {
  const named = new Set([...ops].flatMap(tensorsOf).map(storageOf));
  const inside = regions.filter(({ tensors }) =>
    tensors.some((tensor) => tensor.role !== 'data' && named.has(tensor)),
  );
  return layOut(inside, Math.max(0, ...[...ops].map((op) => scratchOf(op).end)), limitBytes);
}

/** Where an op's scratch regions start within the one that all share. */
function scratchOf(op: Op): { readonly starts: readonly number[]; readonly end: number } {
  const allocator = new AddressAllocator();
  const starts = (simdOpOf(op)?.scratch(op) ?? []).map((sizeBytes) => allocator.take(sizeBytes));
  return { starts, end: allocator.end };
}

const simdOps: { readonly [K in OpKind]?: SimdOp<K> } = {
  linear,
  'linear-backward-input': linearBackwardInput,
  'linear-backward-weight': linearBackwardWeight,
  'measure-deviations': measureDeviations,
  quantise,
  interact,
  'interact-backward': interactBackward,
  project,
  'project-backward-input': projectBackwardInput,
  'project-backward-weight': projectBackwardWeight,
  gather,
  'l2-penalty': l2Penalty,
  'embedding-update': embeddingUpdate,
  'measure-gradient': measureGradient,
  'dense-update': denseUpdate,
};

/** undefined: the op runs as plain loops. */
function simdOpOf(op: Op): SimdOp<OpKind> | undefined {
  const simd = simdOps[op.kind] as SimdOp<OpKind> | undefined;
  return simd?.suits?.(op) === false ? undefined : simd;
}
