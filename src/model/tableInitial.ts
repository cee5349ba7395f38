import { type Initial, type CodeBits, codeLimit } from '../program/tensor.ts';
import type { TableInit } from '../settings/settings.ts';

type RandomInitial = Extract<Initial, { kind: 'uniform' | 'normal' }>;

/** Initial values of a table: Xavier as in Ginart et al. 2019, §5; U(±√(1/rows)) as in DLRM’s code. */
export function tableInitial(init: TableInit, rows: number, dim: number, baseDim: number): RandomInitial {
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

/** Variance of an element of a full table's row. The vectors of every method start with it. */
export function rowVariance(init: TableInit, rows: number, baseDim: number): number {
  const initial = tableInitial(init, rows, baseDim, baseDim);
  return initial.kind === 'uniform' ? initial.bound ** 2 / 3 : initial.deviation ** 2;
}

/** U(−b, b) with this variance. */
export function uniformOf(variance: number): Initial {
  return { kind: 'uniform', bound: Math.sqrt(3 * variance) };
}

/**
 * The scale Δ of a row of codes before training: 2·E|w|/√limit (Esser et al. 2019, §2.1), which leaves room for larger elements.
 */
export function initialScale(initial: RandomInitial, bits: CodeBits): number {
  const mean = initial.kind === 'uniform' ? initial.bound / 2 : initial.deviation * Math.sqrt(2 / Math.PI);
  return (2 * mean) / Math.sqrt(codeLimit(bits));
}
