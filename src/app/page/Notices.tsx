import { Info, TriangleAlert, X } from 'lucide-react';
import type { Notice } from '../shared/notices.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import styles from './Notices.module.css';
import { metricFor } from '../accuracy/metrics.ts';
import { runValue } from '../runs/runRecord.ts';
import { describeReason } from '../runs/runWords.ts';

/** Errors and warnings stand above the controls until dismissed; notes appear at the bottom and go away. */
export function Notices() {
  const notices = useApp((state) => state.notices);
  const remarks = notices.filter(({ kind }) => kind === 'info');
  const problems = notices.filter(({ kind }) => kind !== 'info');
  return (
    <>
      {problems.length > 0 && (
        <div className={styles.banners}>
          {problems.slice(-3).map((notice) => (
            <NoticeLine key={notice.id} notice={notice} />
          ))}
        </div>
      )}
      <div className={styles.toasts} role="status">
        {remarks.slice(-3).map((notice) => (
          <NoticeLine key={notice.id} notice={notice} />
        ))}
      </div>
    </>
  );
}

function NoticeLine({ notice }: { readonly notice: Notice }) {
  const { ui } = useDimmer();
  const { id, kind, title, remedy, diagnostics, actions = [] } = notice;
  const Icon = kind === 'info' ? Info : TriangleAlert;
  return (
    <div
      className={styles.notice}
      data-kind={kind}
      data-testid="notice"
      role={kind === 'error' ? 'alert' : kind === 'warning' ? 'status' : undefined}
    >
      <Icon size={16} aria-hidden="true" className={styles.icon} />
      <p className={styles.text}>
        {title} {remedy && <span className={styles.remedy}>{remedy}</span>}
      </p>
      {diagnostics && (
        <button type="button" className={controls.small} onClick={() => void ui.copyDiagnostics()}>
          Copy diagnostics
        </button>
      )}
      {actions.map(({ label, perform }) => (
        <button
          key={label}
          type="button"
          className={controls.button}
          onClick={() => {
            perform();
            ui.dismiss(id);
          }}
        >
          {label}
        </button>
      ))}
      <button type="button" className={controls.tiny} aria-label="Dismiss" onClick={() => ui.dismiss(id)}>
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}

/** Tells screen readers how the last run ended; the charts tell everyone else. */
export function Announcer() {
  const text = useApp(({ runs, datasetKey, dataset, metric, split }) => {
    const run = runs.findLast((candidate) => candidate.datasetKey === datasetKey);
    if (!run || !dataset) return '';
    const shown = metricFor(dataset.task, metric);
    const value = runValue(run, shown, split);
    return `${run.name}: ${describeReason(run)}. ${shown.label} ${value?.toFixed(shown.digits) ?? 'unknown'}.`;
  });
  return (
    <p className={controls.visuallyHidden} role="status">
      {text}
    </p>
  );
}
