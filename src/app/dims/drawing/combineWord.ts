import { formatDim } from '../../shared/format.ts';
import type { FieldDiagram } from './fieldDiagram.ts';

/** What is written on the way from rows to vector; nothing where a row is the vector. */
export function combineWord(scene: FieldDiagram, who: 0 | 1, isNarrow: boolean): string {
  const { combination } = scene;
  switch (combination.kind) {
    case 'copied':
    case 'split':
      return '';
    case 'projected': {
      const own = scene.tables.find(({ picks }) => picks[who]?.length === 1);
      if (!own || own.dim >= scene.dim) return '';
      return isNarrow ? '· P' : `· P  ${formatDim(own.dim)} × ${formatDim(scene.dim)}`;
    }
    case 'pruned':
      return isNarrow ? '≥ t' : 'threshold';
    case 'codes':
      return isNarrow ? '× Δ' : `× Δ  int${combination.bits}`;
    case 'multiplied':
      return isNarrow ? '×' : '× multiply';
    case 'added':
      return isNarrow ? '+' : '+ add';
    case 'concatenated':
      return isNarrow ? '‖' : 'side by side';
    case 'hashed':
      if (combination.chunk === 1) return isNarrow ? '1 by 1' : 'one by one';
      return isNarrow ? `by ${combination.chunk}` : `runs of ${combination.chunk}`;
    case 'similar':
      return isNarrow ? `mh ${combination.hashes}` : `${combination.hashes} minhashes`;
    case 'train':
      return isNarrow ? 'G·G·G' : 'G₁ · G₂ · G₃';
    case 'network':
      return isNarrow ? 'MLP' : `MLP of ${combination.hidden}`;
    case 'decoded':
      return isNarrow ? 'MLP' : `${combination.widths[0]} hashes → MLP`;
    case 'other':
      return isNarrow ? 'ƒ' : combination.label;
  }
}
