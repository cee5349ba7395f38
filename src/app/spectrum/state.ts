export interface SpectrumState {
  /** The field whose spectrum is shown; null: nobody has chosen one. */
  readonly spectrumField: number | null;
  /** The finished run whose spectrum is shown; null: the run in progress, or the last one. */
  readonly spectrumRun: string | null;
  /** From all rows instead of a sketch. */
  readonly spectrumIsExact: boolean;
}

export const initialSpectrum: SpectrumState = {
  spectrumField: null,
  spectrumRun: null,
  spectrumIsExact: false,
};
