import type { CompressionWayId } from '../../compression/afterTraining.ts';

export interface ModelsState {
  /** Ids of the runs whose model is kept. */
  readonly models: readonly string[];
  /** The run whose model the dialog is about. */
  readonly modelOf: string | null;
  readonly compression: CompressionChoices;
}

export interface CompressionChoices {
  readonly by: CompressionWayId;
  /** As typed: 10k, 1/4 of what the run stores. */
  readonly budgets: string;
  readonly fineTuneSteps: number;
}

export const initialModels: ModelsState = {
  models: [],
  modelOf: null,
  compression: { by: 'truncate', budgets: '1/2, 1/4, 1/8', fineTuneSteps: 200 },
};
