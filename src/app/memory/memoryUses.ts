import type { AllocatedBytes } from '../../program/memory.ts';

export type Use = keyof AllocatedBytes;

interface UseStyle {
  readonly use: Use;
  readonly label: string;
  /** null: not in the bar. */
  readonly shade: string | null;
  /** An explanation in one sentence. */
  readonly help: string;
}

const accent = (percent: number): string => `color-mix(in oklab, var(--accent) ${percent}%, var(--ground))`;

/** From what is deployed to what is freed after every step. */
export const memoryUses: readonly UseStyle[] = [
  {
    use: 'parameter',
    label: 'Parameters',
    shade: 'var(--accent)',
    help: 'The model: tables, projections and MLPs.',
  },
  {
    use: 'checkpoint',
    label: 'Best weights',
    shade: accent(75),
    help: 'A copy of the parameters as they were at the best evaluation.',
  },
  {
    use: 'optimizer-state',
    label: 'Optimiser state',
    shade: accent(50),
    help: 'What the optimiser keeps of every parameter from step to step.',
  },
  { use: 'gradient', label: 'Gradients', shade: accent(28), help: 'Gradients with memory of their own.' },
  {
    use: 'activation',
    label: 'Activations',
    shade: 'var(--muted)',
    help: 'What the forward pass keeps for the backward pass, in memory of its own.',
  },
  {
    use: 'shared',
    label: 'Activations, gradients',
    shade: 'var(--edge)',
    help: 'Those that are not needed at the same time and lie in the same memory.',
  },
  {
    use: 'scratch',
    label: 'Scratch',
    shade: 'var(--track)',
    help: 'What kernels work in, and the gaps between tensors.',
  },
  { use: 'metric', label: 'Metrics', shade: 'var(--popularity)', help: 'Losses and counts of evaluations.' },
  {
    use: 'constant',
    label: 'Descriptors',
    shade: 'var(--line)',
    help: 'Where tables lie, and the sizes of every dispatch.',
  },
  {
    use: 'data',
    label: 'Examples',
    shade: null,
    help: 'The data on the device, with the order in which rows are updated; not in the bar.',
  },
];
