import { fieldSpectrum } from '../analysis/fieldSpectrum.ts';
import { energiesOf } from '../analysis/spectrum.ts';
import { TriangularFactor } from '../analysis/triangularFactor.ts';
import { allocateWithin } from '../compression/allocateWithin.ts';
import type { BlockEnergies } from '../compression/spectralDims.ts';
import { storedBlocks } from '../model/storedBlocks.ts';
import type { FieldStatistics } from '../compression/allocation.ts';
import { type Model, refitModel, vectorsOf } from './refitModel.ts';
import { readState, writeState } from './carriedState.ts';
import { checkResizable, type PrepareSize, type RunSize } from './resizer.ts';
import type { ResolvedSettings } from './events.ts';
import type { RunParts } from './run.ts';
import { popularityFactors } from './spectra.ts';

/** What a run is brought to when it is over. */
export interface Compression {
  readonly budgets: readonly number[];
  /** Steps that each of them is trained on afterwards; 0: none. */
  readonly fineTuneSteps: number;
}

/** Throws what a run would end with, before it begins: TrainingError, AllocationError. */
export function checkCompression(
  { budgets }: Compression,
  { settings, allocation, dataset }: Pick<RunParts, 'settings' | 'allocation' | 'dataset'>,
): void {
  checkResizable(allocation);
  const byPopularity = { method: 'mixed-dimension', allocation: 'popularity', fieldMethods: '' } as const;
  for (const budget of budgets)
    if (budget < allocation.parameters)
      allocateWithin(dataset.fields, { ...settings, ...byPopularity, budget }, allocation.baseDim);
}

/** A trained model, which smaller ones are made of. Nothing of it is on the device any more. */
export class TrainedSource {
  readonly #model: Model;
  readonly #settings: ResolvedSettings;
  readonly #fields: readonly (FieldStatistics & { readonly counts: Uint32Array })[];
  readonly #rowFactors: readonly Float64Array[];
  readonly #spectra: readonly BlockEnergies[];

  private constructor({ settings, dataset }: RunParts, model: Model) {
    this.#model = model;
    this.#settings = settings;
    this.#fields = dataset.fields;
    this.#rowFactors = dataset.fields.map(({ counts }) => popularityFactors(counts));
    this.#spectra = spectraOf(model, this.#rowFactors);
  }

  /** Reads the weights as they are, of a run that checkCompression accepts. */
  static async read(parts: RunParts): Promise<TrainedSource> {
    const { program, allocation, execution } = parts;
    return new TrainedSource(parts, { program, allocation, state: await readState(execution, program) });
  }

  /** Dims by water-filling on the model's own spectra: what a budget keeps most of; the model's own where it pays for all of it. Throws AllocationError. */
  sizeFor(budget: number): RunSize {
    const { allocation: whole } = this.#model;
    if (budget >= whole.parameters) return { settings: this.#settings, allocation: whole };
    const spectral = { method: 'mixed-dimension', allocation: 'spectral', fieldMethods: '' } as const;
    const settings = { ...this.#settings, ...spectral, budget };
    const request = { ...settings, spectra: this.#spectra };
    const allocation = allocateWithin(this.#fields, request, whole.baseDim);
    return { settings, allocation };
  }

  /** A model of that size, and the share of its vectors' energy that was lost. */
  async make(
    size: RunSize,
    prepare: PrepareSize,
  ): Promise<{ readonly parts: RunParts; readonly lostEnergy: number }> {
    const parts = await prepare(size);
    const { execution, program, allocation } = parts;
    const state = await readState(execution, program);
    const lostEnergy = refitModel(this.#model, { program, allocation, state }, this.#rowFactors);
    writeState(execution, program, state);
    return { parts, lostEnergy };
  }
}

function spectraOf(model: Model, rowFactors: readonly Float64Array[]): readonly BlockEnergies[] {
  const { program, allocation, state } = model;
  return storedBlocks(program, allocation).map((block) => {
    const { table, projection, dim, baseDim } = vectorsOf(state, block, allocation.baseDim);
    const { field, firstId } = block;
    const rows = table.length / dim;
    const factor = new TriangularFactor(dim);
    factor.add(table, rowFactors[field].subarray(firstId, firstId + rows));
    const wide = projection && { rows: dim, columns: baseDim, values: projection };
    const { singularValues } = fieldSpectrum([{ factor: factor.factor(), projection: wide }]);
    return { field, firstId, energies: energiesOf(singularValues) };
  });
}
