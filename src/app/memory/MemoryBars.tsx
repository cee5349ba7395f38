import { type AllocatedBytes, bytesBesideData } from '../../program/memory.ts';
import { memoryUses } from './memoryUses.ts';
import styles from './memory.module.css';
import type { TrainingMemory } from '../../training/events/events.ts';

interface MemoryBarsProps {
  readonly memory: TrainingMemory;
  /** Bytes; null: none is set. */
  readonly limit: number | null;
}

/** A bar by use, the examples aside; above it a thin one of exact training, to the same scale, where that takes something else. */
export function MemoryBars({ memory: { bytes, exactBytes }, limit }: MemoryBarsProps) {
  const total = bytesBesideData(bytes);
  const exact = bytesBesideData(exactBytes);
  // What the limit leaves beside the examples; far away it would make the bar too short to read.
  const room = limit === null ? Infinity : Math.max(0, limit - bytes.data);
  const isNear = room < 2 * total;
  const scale = Math.max(total, exact, isNear ? room : 0);
  return (
    <div className={styles.bars} aria-hidden="true" data-testid="memory-bars">
      {exact !== total && <Bar bytes={exactBytes} share={exact / scale} isThin />}
      <Bar bytes={bytes} share={total / scale} />
      {isNear && <span className={styles.limit} style={{ left: `${(100 * room) / scale}%` }} />}
    </div>
  );
}

interface BarProps {
  readonly bytes: AllocatedBytes;
  /** Of the width. */
  readonly share: number;
  readonly isThin?: boolean;
}

function Bar({ bytes, share, isThin = false }: BarProps) {
  return (
    <div className={isThin ? styles.thin : styles.bar} style={{ width: `${100 * share}%` }}>
      {memoryUses.map(
        ({ use, shade }) =>
          shade !== null && <span key={use} style={{ flexGrow: bytes[use], background: shade }} />,
      )}
    </div>
  );
}
