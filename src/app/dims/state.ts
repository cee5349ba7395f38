import type { Allocation } from '../../compression/allocation.ts';
import type { Failure } from '../../worker/protocol.ts';

export interface DimsState {
  /** What the settings give on the current data. */
  readonly allocation: Allocation | null;
  /** Why there is none: the budget is too small for these tables, say. */
  readonly allocationFailure: Failure | null;
  /** Cap in use: the setting's, or the default for the data. Parameters. */
  readonly budget: number;
  readonly dimsView: DimsView;
  readonly fieldOrder: 'rows' | 'file';
  readonly hoveredField: number | null;
}

/** What the panel of dims shows of the fields. */
export type DimsView = 'bars' | 'table' | 'drawing' | 'spectrum';

export const initialDims: DimsState = {
  allocation: null,
  allocationFailure: null,
  budget: 0,
  dimsView: 'bars',
  fieldOrder: 'rows',
  hoveredField: null,
};
