import { Slider } from '@base-ui/react/slider';
import { memo, useMemo } from 'react';
import { methods } from '../../compression/methods.ts';
import { scaleFor } from '../dims/decideShownDims.ts';
import {
  BUDGET_POSITIONS,
  budgetScale,
  budgetTicks,
  type Tick,
  toBudget,
  toPosition,
} from './budgetScale.ts';
import { formatBytes, formatCount, parameterBytes } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { NumberBox } from '../shared/NumberBox.tsx';
import styles from './SizeControls.module.css';

const alphaTicks: readonly Tick[] = [0, 0.2, 0.4, 0.6, 0.8, 1].map((alpha) => ({
  position: alpha * 100,
  label: alpha.toFixed(1),
}));

export function AlphaControl() {
  const { settings } = useDimmer();
  const alpha = useApp((state) => state.settings.alpha);
  const method = useApp((state) => state.settings.method);
  const isSpectral = useApp(
    ({ settings: own }) => own.method === 'mixed-dimension' && own.allocation === 'spectral',
  );
  const hasAlpha = methods[method].hyperparameters.includes('alpha');
  const isFixed = !hasAlpha || isSpectral;
  const reason = isSpectral ? 'dims by a warm-up run' : `${methods[method].label} has no temperature`;
  return (
    <div className={styles.control} data-disabled={isFixed || undefined}>
      <div className={styles.head}>
        <span className={styles.label} title="dim ∝ popularity^α">
          Temperature α
        </span>
        <span className={styles.hint} id="alpha-hint">
          {isFixed && reason}
        </span>
        {hasAlpha && <LetDataChoose isOn={isSpectral} />}
        {!isSpectral && (
          <NumberBox
            name="alpha"
            shown={alpha.toFixed(2)}
            className={styles.box}
            testId="alpha-box"
            describedBy="alpha-hint"
            disabled={isFixed}
            onChange={(value) => settings.change({ alpha: value })}
          />
        )}
      </div>
      <BigSlider
        label="Temperature α"
        testId="alpha-slider"
        value={Math.round(alpha * 100)}
        max={100}
        largeStep={10}
        disabled={isFixed}
        describe={(position) => (position / 100).toFixed(2)}
        ticks={alphaTicks}
        onChange={(position) => settings.edit({ alpha: position / 100 })}
      />
    </div>
  );
}

/** Chooses dims by the spectra that a warm-up run measures, instead of by popularity. */
function LetDataChoose({ isOn }: { readonly isOn: boolean }) {
  const { settings } = useDimmer();
  return (
    <button
      type="button"
      className={controls.small}
      aria-pressed={isOn}
      data-testid="let-data-choose"
      title="Dims by the spectra of a short warm-up run, instead of by popularity and α"
      onClick={() => settings.change({ allocation: isOn ? 'popularity' : 'spectral' })}
    >
      Let the data choose
    </button>
  );
}

export function BudgetControl() {
  const { settings } = useDimmer();
  const dataset = useApp((state) => state.dataset);
  const budget = useApp((state) => state.budget);
  const scale = useMemo(() => (dataset ? scaleFor(dataset) : budgetScale(1e3, 1e5)), [dataset]);
  const ticks = useMemo(() => budgetTicks(scale), [scale]);
  return (
    <div className={styles.control}>
      <div className={styles.head}>
        <span className={styles.label}>Budget</span>
        <Actual />
        <NumberBox
          name="budget"
          shown={dataset ? formatCount(budget) : ''}
          className={styles.wideBox}
          testId="budget-box"
          describedBy="actual"
          normalize={parametersOf}
          onChange={(value) => settings.change({ budget: value })}
        />
      </div>
      <BigSlider
        label="Memory budget, parameters"
        testId="budget-slider"
        value={dataset ? toPosition(scale, budget) : 0}
        max={BUDGET_POSITIONS}
        largeStep={BUDGET_POSITIONS / 10}
        disabled={!dataset}
        describe={(position) => {
          const value = toBudget(scale, position);
          return `${formatCount(value)} parameters, ${formatBytes(parameterBytes(value))}`;
        }}
        ticks={dataset ? ticks : []}
        onChange={(position) => settings.edit({ budget: toBudget(scale, position) })}
      />
    </div>
  );
}

/** The budget asked for and the parameters really used, which are fewer because dims are integers. */
function Actual() {
  const budget = useApp((state) => state.budget);
  const actual = useApp((state) => state.allocation?.parameters);
  const failure = useApp((state) => state.allocationFailure);
  if (failure)
    return (
      <span className={styles.over} id="actual" role="status" title={failure.remedy}>
        {failure.message}
      </span>
    );
  if (actual === undefined) return <span className={styles.hint} id="actual" />;
  const parameters = Math.ceil(actual);
  return (
    <span
      className={styles.hint}
      id="actual"
      data-testid="actual"
      data-asked={budget}
      data-actual={parameters}
    >
      asked {formatCount(budget)} ({formatBytes(parameterBytes(budget))}) · actual{' '}
      <span className={styles.strong}>{formatCount(parameters)}</span> (
      {formatBytes(parameterBytes(parameters))})
    </span>
  );
}

/** Converts a size typed in bytes, as 168 kB, to float32 parameters. */
function parametersOf(text: string): string {
  const match = /^([\d.,]+)\s*([kKMG])?B$/.exec(text.trim());
  if (!match) return text;
  const bytes =
    Number(match[1].replaceAll(',', '')) * { k: 1e3, K: 1e3, M: 1e6, G: 1e9, '': 1 }[match[2] ?? '']!;
  return String(Math.floor(bytes / 4));
}

interface BigSliderProps {
  readonly label: string;
  readonly testId: string;
  readonly value: number;
  readonly max: number;
  readonly largeStep: number;
  readonly disabled: boolean;
  readonly describe: (position: number) => string;
  readonly ticks: readonly Tick[];
  readonly onChange: (position: number) => void;
}

function BigSlider({
  label,
  testId,
  value,
  max,
  largeStep,
  disabled,
  describe,
  ticks,
  onChange,
}: BigSliderProps) {
  const { settings } = useDimmer();
  return (
    <Slider.Root
      className={styles.slider}
      value={value}
      min={0}
      max={max}
      step={1}
      largeStep={largeStep}
      disabled={disabled}
      onValueChange={(next) => onChange(next as number)}
      onValueCommitted={(_, { reason }) => {
        if (reason === 'drag' || reason === 'track-press') settings.commit();
        else settings.commitAfterRest();
      }}
      data-testid={testId}
    >
      <Slider.Control className={styles.rail}>
        <Slider.Track className={styles.track}>
          <Slider.Indicator className={styles.filled} />
          <Slider.Thumb
            className={styles.thumb}
            aria-label={label}
            getAriaValueText={(_, position) => describe(position)}
          />
        </Slider.Track>
      </Slider.Control>
      <Ticks ticks={ticks} max={max} />
    </Slider.Root>
  );
}

const Ticks = memo(function Ticks({ ticks, max }: { readonly ticks: readonly Tick[]; readonly max: number }) {
  return (
    <div className={styles.ticks} aria-hidden="true">
      {ticks.map(({ position, label }) => (
        <span key={label} style={{ left: `${(position / max) * 100}%` }} className={controls.muted}>
          {label}
        </span>
      ))}
    </div>
  );
});
