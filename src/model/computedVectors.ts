import type { ProgramBuilder } from '../program/builder.ts';
import type { EmbeddingLayout } from '../program/lookup.ts';
import type { Tensor } from '../program/tensor.ts';
import type { Placement } from './placeFields.ts';

const layer = 'embedding';

/** What the backward pass needs from the forward pass. */
export interface ComputedVectors {
  /** Hidden activations of the MLPs that base vectors pass through, [B, paths, h]; undefined: there are none. */
  readonly hidden: Tensor | undefined;
}

/** Appends the ops that compute vectors by tensor trains and by path MLPs. */
export function computeVectors(
  builder: ProgramBuilder,
  { paths, trains }: Placement,
  layout: EmbeddingLayout,
  gathered: Tensor,
  vectors: Tensor,
): ComputedVectors {
  if (trains.length > 0)
    builder.op({ kind: 'tensor-train', layout, parts: trains, gathered, vectors }, 'train', 'evaluate');
  if (paths.length === 0) return { hidden: undefined };
  const shape = [gathered.shape[0], paths.length, Math.max(...paths.map((part) => part.hidden))];
  const hidden = builder.tensor('embedding.hidden', 'activation', shape, { layer });
  builder.op({ kind: 'path', layout, parts: paths, gathered, hidden, vectors }, 'train', 'evaluate');
  return { hidden };
}

/** Appends the ops that fill the slots of the same fields in dGathered, the gradient of `gathered`. */
export function computeVectorsBackward(
  builder: ProgramBuilder,
  { paths, trains }: Placement,
  layout: EmbeddingLayout,
  gathered: Tensor,
  { hidden }: ComputedVectors,
  dVectors: Tensor,
  dGathered: Tensor,
): void {
  if (trains.length > 0)
    builder.op(
      { kind: 'tensor-train-backward', layout, parts: trains, gathered, dVectors, dGathered },
      'train',
    );
  if (!hidden) return;
  const dHidden = builder.tensor('embedding.dHidden', 'gradient', hidden.shape, { layer });
  builder.op(
    { kind: 'path-backward', layout, parts: paths, gathered, hidden, dVectors, dHidden, dGathered },
    'train',
  );
}
