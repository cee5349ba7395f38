import { memo } from 'react';
import type { LayerSpectrum } from '../../training/events/events.ts';
import { useLive } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './memory.module.css';

/** Of the run in progress or the last one: the factors of every layer's gradient, and what they keep of it. */
export function GradientSpectra() {
  const spectra = useLive((run) => run.gradientSpectra);
  const rank = useLive((run) => run.settings?.gradientRank ?? 0);
  if (spectra.length === 0)
    return (
      <p className={controls.muted}>
        {rank > 0
          ? 'The spectra of gradients are drawn at every evaluation …'
          : 'The gradients of this run are exact. With a gradient rank k: what k factors keep of every layer’s gradient, while it trains.'}
      </p>
    );
  return (
    <table className={controls.table} data-testid="gradient-spectra">
      <caption className={controls.visuallyHidden}>
        Dense layers: σ of the gradient’s factors, from large to small, and how much of its energy they keep
      </caption>
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">σ₁ … σ{subscript(Math.max(...spectra.map(({ sigma }) => sigma.length)))}</th>
          <th scope="col" title={KEPT}>
            Kept
          </th>
          <th scope="col" title={FOLLOWED}>
            Followed
          </th>
        </tr>
      </thead>
      <tbody>
        {spectra.map((spectrum) => (
          <SpectrumRow key={spectrum.layer} spectrum={spectrum} />
        ))}
      </tbody>
    </table>
  );
}

const KEPT =
  'Share of the energy of the last batch’s gradient that lies in the span of the factors: what rank k keeps.';
const FOLLOWED =
  '1 − ‖G − Ĝ‖² / ‖G‖²: what the update took of it. Ĝ, the product of the factors, is a mean over batches, and lags behind G.';

const SpectrumRow = memo(function SpectrumRow({ spectrum }: { readonly spectrum: LayerSpectrum }) {
  const { layer, sigma, kept, followed } = spectrum;
  const numbers = sigma.map((value) => value.toPrecision(2)).join(', ');
  return (
    <tr>
      <th scope="row">{layer}</th>
      <td title={numbers}>
        <Spectrum sigma={sigma} />
        <span className={controls.visuallyHidden}>{numbers}</span>
      </td>
      <Share value={kept} title={KEPT} />
      <Share value={followed} title={FOLLOWED} />
    </tr>
  );
});

/** What is further from the gradient than nothing follows less than 0 % of it. */
function Share({ value, title }: { readonly value: number; readonly title: string }) {
  const percent = Math.round(100 * value);
  const width = `${Math.max(0, Math.min(100, percent))}%`;
  return (
    <td className={styles.share} title={title}>
      <span className={styles.track} aria-hidden="true">
        <span style={{ width }} />
      </span>
      {percent < 0 ? '< 0 %' : `${percent} %`}
    </td>
  );
}

const WIDTH = 64;
const HEIGHT = 16;

/** A bar a factor, as tall as its σ beside the largest. */
function Spectrum({ sigma }: { readonly sigma: readonly number[] }) {
  const [largest] = sigma;
  const pitch = Math.min(8, WIDTH / sigma.length);
  const bars = sigma.map((value, c) => {
    const height = largest > 0 ? Math.max(1, (HEIGHT * value) / largest) : 1;
    return `M${((c + 0.5) * pitch).toFixed(2)},${HEIGHT}v${(-height).toFixed(2)}`;
  });
  return (
    <svg className={styles.spectrum} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={bars.join('')} stroke="var(--accent)" strokeWidth={Math.max(1, pitch - 1)} />
    </svg>
  );
}

const subscript = (count: number): string =>
  [...String(count)].map((digit) => '₀₁₂₃₄₅₆₇₈₉'[Number(digit)]).join('');
