import { lazy, Suspense } from 'react';
import { useApp, useDimmer } from '../useDimmer.ts';
import { describeReason } from '../runs/runWords.ts';
import { Modal } from '../shared/Modal.tsx';

const RunInspector = lazy(() =>
  import('./RunInspector.tsx').then((module) => ({ default: module.RunInspector })),
);

/** What the test split says of a finished run. */
export function InspectDialog() {
  const { ui } = useDimmer();
  const isOpen = useApp((state) => state.dialog === 'run');
  const run = useApp(({ runs, inspectedRun }) => runs.find(({ id }) => id === inspectedRun));
  return (
    <Modal
      title={run?.name ?? 'Run'}
      description={
        run &&
        `${describeReason(run)}. Validation chose its weights; the test split is reported, and has chosen nothing.`
      }
      isWide
      isOpen={isOpen && run !== undefined}
      onClose={() => ui.openDialog(null)}
    >
      <Suspense>{run && <RunInspector run={run} />}</Suspense>
    </Modal>
  );
}
