import type { ReactNode } from 'react';
import type { RunRecord } from '../runs/runRecord.ts';
import { useApp } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { AgainstUniform } from './AgainstUniform.tsx';
import styles from './inspect.module.css';
import { Reliability } from './Reliability.tsx';
import { Slices } from './Slices.tsx';
import { TestMetrics } from './TestMetrics.tsx';

/** Loaded when the first run is looked at. */
export function RunInspector({ run }: { readonly run: RunRecord }) {
  const { testReport: report, metrics } = run.result;
  const isHere = useApp((state) => state.datasetKey === run.datasetKey);
  if (!metrics.test) return <p>This run ended before it was evaluated on the test split.</p>;
  return (
    <div className={styles.inspector} data-testid="run-inspector">
      <Section title="Test metrics">
        <TestMetrics result={run.result} />
      </Section>
      <Section title="Against uniform">
        <AgainstUniform isHere={isHere} />
      </Section>
      {report && 'reliability' in report && (
        <Section title="Reliability">
          <Reliability report={report} />
        </Section>
      )}
      {isHere && (
        <Section title="By popularity" isWide>
          <Slices task={run.result.task} />
        </Section>
      )}
      {!report && (
        <p className={controls.muted}>
          An older version has stored this run: train it again for intervals of all metrics.
        </p>
      )}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly isWide?: boolean;
  readonly children: ReactNode;
}

function Section({ title, isWide = false, children }: SectionProps) {
  return (
    <section className={isWide ? styles.wide : styles.section} aria-label={title}>
      <h3 className={styles.title}>{title}</h3>
      {children}
    </section>
  );
}
