import controls from '../../shared/controls.module.css';
import styles from './FieldDrawing.module.css';
import { useDeferredValue, useId, useMemo, useRef, useState } from 'react';
import { Dices } from 'lucide-react';
import type { Allocation } from '../../../compression/allocation.ts';
import { methods } from '../../../compression/methods.ts';
import { readFieldMethods } from '../../../settings/parseSetting.ts';
import type { DatasetSummary } from '../../../worker/protocol.ts';
import { formatCount } from '../../shared/format.ts';
import { largestField } from '../../spectrum/spectrumView.ts';
import { useApp, useDimmer } from '../../useDimmer.ts';
import { useSize } from '../../shared/useSize.ts';
import { layOutDiagram } from './diagramLayout.ts';
import { describeField, type FieldDiagram } from './fieldDiagram.ts';
import { describeDiagram } from './fieldWords.ts';
import { drawCompanion, drawId } from './collisions.ts';
import { DiagramView } from './DiagramView.tsx';

/** Draws how two ids of a field become vectors under the settings in use. It opens with the field last pointed at, or the largest. */
export function FieldDrawing({ dataset }: { readonly dataset: DatasetSummary }) {
  const { ui } = useDimmer();
  const hovered = useApp((state) => state.hoveredField);
  const { fields } = dataset;
  const field = hovered ?? largestField(dataset);
  // During a drag the sliders have priority over the drawing.
  const allocation = useDeferredValue(useApp((state) => state.allocation));
  const choice = (
    <label>
      <span className={controls.visuallyHidden}>Field</span>
      <select
        className={controls.smallSelect}
        value={field}
        onChange={(event) => ui.hoverField(Number(event.currentTarget.value))}
      >
        {fields.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
  if (!allocation || allocation.fields.length !== fields.length)
    return <p className={controls.muted}>There is nothing to draw until the budget can be met.</p>;
  return <Pair key={field} dataset={dataset} allocation={allocation} field={field} choice={choice} />;
}

interface PairProps {
  readonly dataset: DatasetSummary;
  readonly allocation: Allocation;
  readonly field: number;
  readonly choice: React.ReactNode;
}

function Pair({ dataset, allocation, field, choice }: PairProps) {
  const { fields } = dataset;
  const { cardinality, rareId, counts } = fields[field];
  const [draw, setDraw] = useState(0);
  const [typed, setTyped] = useState<readonly [number | null, number | null]>([null, null]);
  const label = useFieldMethod(fields[field].name, allocation);
  const first = typed[0] ?? drawId(field, draw, cardinality);
  const second = useMemo(
    () => typed[1] ?? drawCompanion(allocation, fields, field, draw, first),
    [allocation, fields, field, draw, first, typed],
  );
  const diagram = useMemo(
    () => describeField(allocation, fields, field, [first, second], label),
    [allocation, fields, field, first, second, label],
  );
  const boxes = (['First id', 'Second id'] as const).map((name, who) => (
    <label key={name} className={styles.id} data-who={who}>
      <span className={controls.visuallyHidden}>{name}</span>
      <input
        type="number"
        className={controls.input}
        min={0}
        max={cardinality - 1}
        title="An id is its value’s rank by popularity, from 0"
        value={[first, second][who]}
        onChange={({ currentTarget: { valueAsNumber } }) => {
          if (!Number.isInteger(valueAsNumber)) return;
          const id = Math.min(cardinality - 1, Math.max(0, valueAsNumber));
          setTyped(who === 0 ? [id, second] : [first, id]);
        }}
      />
    </label>
  ));
  return (
    <div className={styles.view} data-testid="field-drawing">
      <div className={styles.choices}>
        {choice}
        {boxes}
        <button
          type="button"
          className={controls.small}
          aria-label="Other ids"
          onClick={() => {
            setTyped([null, null]);
            setDraw(draw + 1);
          }}
        >
          <Dices size={14} aria-hidden="true" />
          <span className={styles.wide}>Other ids</span>
        </button>
      </div>
      <LaidOut diagram={diagram} notes={[noteOf(first, rareId, counts), noteOf(second, rareId, counts)]} />
    </div>
  );
}

function LaidOut({
  diagram,
  notes,
}: {
  readonly diagram: FieldDiagram;
  readonly notes: readonly [string, string];
}) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const words = useId();
  const layout = useMemo(() => (size.width > 0 ? layOutDiagram(diagram, size) : null), [diagram, size]);
  const { sentence, beside } = useMemo(() => describeDiagram(diagram), [diagram]);
  return (
    <>
      <div ref={box} className={styles.plot}>
        {layout && <DiagramView diagram={diagram} layout={layout} notes={notes} labelledBy={words} />}
      </div>
      <p id={words} className={styles.words}>
        {sentence} {beside}
      </p>
    </>
  );
}

/** The label of a field's method. */
function useFieldMethod(name: string, { method }: Allocation): string {
  const text = useApp((state) => state.settings.fieldMethods);
  const own = readFieldMethods(text, known)?.get(name);
  return methods[own ?? method].label;
}

const known: ReadonlySet<string> = new Set(Object.keys(methods));

/** The page keeps counts of values, not their texts; only the row of rare ones has a name. */
function noteOf(id: number, rareId: number, counts: Uint32Array): string {
  if (id === rareId) return 'rare values';
  return `seen ${formatCount(counts[id])} ×`;
}
