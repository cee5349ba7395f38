import type { StoreApi } from 'zustand/vanilla';
import { type AccuracyState, initialAccuracy } from './accuracy/state.ts';
import { type CompareState, initialCompare } from './compare/state.ts';
import { type DataState, initialData } from './data/state.ts';
import { type DimsState, initialDims } from './dims/state.ts';
import { initialInspect, type InspectState } from './inspect/state.ts';
import { initialMemory, type MemoryState } from './memory/state.ts';
import { initialModels, type ModelsState } from './models/state.ts';
import { initialPage, type PageState } from './page/state.ts';
import { initialRuns, type RunsState } from './runs/state.ts';
import { initialNotices, type NoticesState } from './shared/notices.ts';
import { initialSizes, type SizesState } from './sizes/state.ts';
import { initialSpectrum, type SpectrumState } from './spectrum/state.ts';

/** The state of the page: one slice per feature. Metrics of the run in progress are in runs/liveRun.ts. */
export type AppState = DataState &
  SizesState &
  DimsState &
  RunsState &
  CompareState &
  ModelsState &
  AccuracyState &
  SpectrumState &
  InspectState &
  MemoryState &
  NoticesState &
  PageState;

export type AppStore = StoreApi<AppState>;

export const initialState: AppState = {
  ...initialData,
  ...initialSizes,
  ...initialDims,
  ...initialRuns,
  ...initialCompare,
  ...initialModels,
  ...initialAccuracy,
  ...initialSpectrum,
  ...initialInspect,
  ...initialMemory,
  ...initialNotices,
  ...initialPage,
};
