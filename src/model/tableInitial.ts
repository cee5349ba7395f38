import type { Initial } from '../program/tensor.ts';
import type { TableInit } from '../settings/settings.ts';

/** Start of a table: Xavier as Ginart et al. 2019, §5; U(±√(1/rows)) as DLRM’s code. */
export function tableInitial(init: TableInit, rows: number, dim: number, baseDim: number): Initial {
  switch (init) {
    case 'xavier':
      return { kind: 'uniform', bound: Math.sqrt(6 / (rows + dim)) };
    case 'dlrm':
      return { kind: 'uniform', bound: Math.sqrt(1 / rows) };
    case 'identity':
      return { kind: 'normal', deviation: 0.1 * baseDim ** -0.25 };
  }
}

export function projectionInitial(init: TableInit, dim: number, baseDim: number): Initial {
  if (init === 'identity') return { kind: 'identity' };
  return { kind: 'uniform', bound: Math.sqrt(6 / (dim + baseDim)) };
}

/** Variance of an element of a full table's row, which every method's vectors start with. */
export function rowVariance(init: TableInit, rows: number, baseDim: number): number {
  const initial = tableInitial(init, rows, baseDim, baseDim);
  if (initial.kind === 'uniform') return initial.bound ** 2 / 3;
  return initial.kind === 'normal' ? initial.deviation ** 2 : 0;
}

/** U(−b, b) of a variance. */
export function uniformOf(variance: number): Initial {
  return { kind: 'uniform', bound: Math.sqrt(3 * variance) };
}
