import type { Settings } from '../../settings/settings.ts';
import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import styles from './spectrum.module.css';
import { describeAlpha, describeBars, describeDecay, describeDims, describeKept } from './spectrumWords.ts';

interface SpectrumFactsProps {
  readonly report: FieldReport;
  /** Of the run. */
  readonly settings: Settings;
}

/** The numbers that the chart marks. */
export function SpectrumFacts({ report, settings }: SpectrumFactsProps) {
  return (
    <dl className={styles.facts} data-testid="spectrum-facts">
      <dt title="Stored floats a row, of each of the field’s blocks">▲ Dims in use</dt>
      <dd>{describeDims(report.dims)}</dd>
      <dt title="Directions that keep so much of the energy Σσ²; as looked up: every row as often as it is looked up">
        90, 99 % kept by
      </dt>
      <dd>{describeKept(report)}</dd>
      <dt title="Of σ_k ∝ k^−β, with its standard error (Ginart et al. 2019)">Decay β</dt>
      <dd>{describeDecay(report)}</dd>
      <dt title="1/(2β), at most 1: best where singular values fall as k^−β, which trained tables need not do">
        α it suggests
      </dt>
      <dd>{describeAlpha(report, settings)}</dd>
      {report.typicalError > 0 && (
        <>
          <dt title="Wide: what σ is off by as a rule. Thin: the bound on σ² that holds for every table, in 9 sketches of 10">
            Error bars
          </dt>
          <dd>{describeBars(report)}</dd>
        </>
      )}
    </dl>
  );
}
