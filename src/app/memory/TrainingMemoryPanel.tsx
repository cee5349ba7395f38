import { useState } from 'react';
import { bytesBesideData } from '../../program/memory.ts';
import { formatBytes } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import { Panel } from '../shared/Panel.tsx';
import { GradientSpectra } from './GradientSpectra.tsx';
import { MemoryBars } from './MemoryBars.tsx';
import { MemoryControls } from './MemoryControls.tsx';
import { LayerTable, UseTable } from './MemoryTables.tsx';
import controls from '../shared/controls.module.css';
import styles from './memory.module.css';
import type { TrainingMemory } from '../../training/events/events.ts';
import type { MemoryEstimate } from '../../training/plan/planRun.ts';
import { formatSetting } from '../../settings/parseSetting.ts';
import { type Settings, settingTable } from '../../settings/settings.ts';

const views = { uses: 'By use', layers: 'By layer', gradients: 'Gradients' } as const;
type View = keyof typeof views;

/** What a run with these settings takes on the device, known before it runs, and what makes it take less. */
export function TrainingMemoryPanel() {
  const [view, setView] = useState<View>('uses');
  const { plan, failure } = useApp((state) => state.memory);
  const limit = useApp((state) => state.settings.trainMemory);
  const hasData = useApp((state) => state.dataset !== null);
  const memory = plan?.memory;
  const tools = (
    <label>
      <span className={controls.visuallyHidden}>Show memory</span>
      <select
        className={controls.smallSelect}
        value={view}
        onChange={(event) => setView(event.currentTarget.value as View)}
      >
        {Object.entries(views).map(([id, label]) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel title="Training memory" note={memory && <Total memory={memory} />} tools={tools} height="list">
      {memory && <MemoryBars memory={memory} limit={limit === null ? null : 1e6 * limit} />}
      {failure && (
        <p className={styles.failure} role="alert">
          {failure.message} {failure.remedy}
        </p>
      )}
      {view === 'gradients' ? (
        <GradientSpectra />
      ) : (
        <>
          {plan && limit !== null && <FittedChoices plan={plan} />}
          <MemoryControls />
          {plan && <ApproximatedLayers plan={plan} />}
          {memory && view === 'uses' && <UseTable memory={memory} />}
          {memory && view === 'layers' && <LayerTable lines={memory.lines} />}
        </>
      )}
      {!memory && !failure && (
        <p className={controls.muted}>
          {hasData
            ? 'Counting what the device will allocate …'
            : 'With a data set open: what training will allocate on the device, before it does.'}
        </p>
      )}
    </Panel>
  );
}

/** 2.9 MB (−23 %), the examples aside. */
function Total({ memory: { bytes, exactBytes } }: { readonly memory: TrainingMemory }) {
  const total = bytesBesideData(bytes);
  const change = Math.round(100 * (total / bytesBesideData(exactBytes) - 1));
  return (
    <span data-testid="memory-total">
      {formatBytes(total)}
      {change !== 0 && ` (${change < 0 ? '−' : '+'}${Math.abs(change)} %)`}
    </span>
  );
}

/** Where bits and rank make a difference, or that they make none. */
function ApproximatedLayers({ plan: { settings, memory } }: { readonly plan: MemoryEstimate }) {
  const { activationBits, gradientRank } = settings;
  const { activations, gradients } = memory.approximated;
  const sentences = [];
  if (activationBits !== '32')
    sentences.push(
      activations.length > 0
        ? `Activations of ${activationBits} bits: ${activations.join(', ')}.`
        : `This model has no hidden activations that could be kept in fewer bits: ${activationBits} changes nothing.`,
    );
  if (gradientRank > 0)
    sentences.push(
      gradients.length > 0
        ? `Gradients of rank ${gradientRank}: ${gradients.join(', ')}.`
        : `No dense layer here is so large that factors of rank ${gradientRank} took less than its gradient: the rank changes nothing.`,
    );
  if (sentences.length === 0) return null;
  return (
    <p className={styles.fitted} data-testid="memory-layers">
      {sentences.join(' ')}
    </p>
  );
}

/** What gives way to the limit, as in training/fitMemory.ts. */
const yielding: readonly (keyof Settings)[] = ['activationBits', 'gradientRank', 'batch'];

/** What the limit changed of what was asked. */
function FittedChoices({ plan: { asked, settings, memory } }: { readonly plan: MemoryEstimate }) {
  const dimmer = useDimmer();
  const changed = yielding.filter((name) => settings[name] !== asked[name]);
  const words = changed.map(
    (name) =>
      `${settingTable[name].label.toLowerCase()} ${formatSetting(settings[name])} instead of ${formatSetting(asked[name])}`,
  );
  if (!memory.residentData) words.push('examples uploaded for every step');
  return (
    <p className={styles.fitted} data-testid="memory-fitted">
      {words.length === 0 ? 'Fits as it is.' : `Fits with ${words.join(', ')}.`}
      <button
        type="button"
        className={controls.small}
        onClick={() => dimmer.settings.change({ trainMemory: null })}
      >
        No limit
      </button>
    </p>
  );
}
