import type { MethodId } from '../../settings/settings.ts';

/** Shape as well as colour, so that neither is needed to tell methods apart. 16 × 16 around 0. */
export const methodMarks: Readonly<Record<MethodId, { path: string; color: string; label: string }>> = {
  'mixed-dimension': {
    path: 'M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z',
    color: 'var(--series-mixed)',
    label: 'Mixed dimension',
  },
  uniform: { path: 'M-4.5,-4.5H4.5V4.5H-4.5Z', color: 'var(--series-uniform)', label: 'Uniform' },
};
