import { lazy, Suspense } from 'react';
import { useApp } from '../useDimmer.ts';

const PreviewDialog = lazy(() =>
  import('./PreviewDialog.tsx').then((module) => ({ default: module.PreviewDialog })),
);

/** The preview of a table, whose code is loaded with the first one. */
export function LazyPreview() {
  const isShown = useApp((state) => state.preview !== null);
  return <Suspense>{isShown && <PreviewDialog />}</Suspense>;
}
