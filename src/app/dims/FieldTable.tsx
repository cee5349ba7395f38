import { useMemo } from 'react';
import type { Block } from '../../compression/allocation.ts';
import type { DatasetSummary } from '../../worker/protocol.ts';
import { formatCount, formatDim } from '../shared/format.ts';
import { useApp, useDimmer } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { methods } from '../../compression/methods.ts';
import { readFieldMethods, writeFieldMethods } from '../../settings/parseSetting.ts';
import type { MethodId } from '../../settings/settings.ts';

interface FieldRow {
  readonly blocks: readonly Block[];
  readonly parameters: number;
}

/** The dims chart as a table: method, rows, popularity, dims and parameters of every field. */
export function FieldTable({ dataset }: { readonly dataset: DatasetSummary }) {
  const { ui } = useDimmer();
  const allocation = useApp((state) => state.allocation);
  const hoveredField = useApp((state) => state.hoveredField);
  const mostPopular = useMemo(() => dataset.fields.map(shareOfFirstRow), [dataset]);
  const rows = useMemo(
    () => groupByField(dataset.fields.length, allocation?.blocks ?? []),
    [dataset, allocation],
  );
  return (
    <div className={controls.scroll}>
      <table className={controls.table}>
        <caption className={controls.visuallyHidden}>Fields and their dims</caption>
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Method</th>
            <th scope="col">Rows</th>
            <th scope="col">Lookups of its top row</th>
            <th scope="col">Dims</th>
            <th scope="col">Parameters</th>
          </tr>
        </thead>
        <tbody>
          {dataset.fields.map(({ name, cardinality }, field) => (
            <tr
              key={name}
              data-hovered={field === hoveredField}
              onPointerEnter={() => ui.hoverField(field)}
              onPointerLeave={() => ui.hoverField(null)}
            >
              <th scope="row">
                <button
                  type="button"
                  className={controls.columnHead}
                  title={`Spectrum of ${name}`}
                  onClick={() => ui.showSpectrum(field)}
                >
                  {name}
                </button>
              </th>
              <td>
                <FieldMethod field={name} />
              </td>
              <td>{formatCount(cardinality)}</td>
              <td>{(100 * mostPopular[field]).toPrecision(2)} %</td>
              <td>{rows[field].blocks.map(({ dim }) => formatDim(dim)).join(' ')}</td>
              <td>{formatCount(rows[field].parameters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shareOfFirstRow({ counts }: DatasetSummary['fields'][number]): number {
  let lookups = 0;
  for (const count of counts) lookups += count;
  return lookups === 0 ? 0 : counts[0] / lookups;
}

function groupByField(fields: number, blocks: readonly Block[]): readonly FieldRow[] {
  const rows = Array.from({ length: fields }, () => ({ blocks: [] as Block[], parameters: 0 }));
  for (const block of blocks) {
    const row = rows[block.field];
    row.blocks.push(block);
    row.parameters += block.tableParameters + block.projectionParameters;
  }
  return rows;
}

const ids = Object.keys(methods) as MethodId[];
const known: ReadonlySet<string> = new Set(ids);
/** Methods that a single field can have: those that work at any given dim. The others solve all fields together. */
const choices = ids.filter((id) => methods[id].hyperparameters.includes('vectorDim'));

/** Chooses the method of one field: that of all fields, or its own. */
function FieldMethod({ field }: { readonly field: string }) {
  const { settings } = useDimmer();
  const text = useApp((state) => state.settings.fieldMethods);
  const chosen = readFieldMethods(text, known);
  const change = (method: string): void => {
    const next = new Map(chosen);
    if (method === '') next.delete(field);
    else next.set(field, method as MethodId);
    settings.change({ fieldMethods: writeFieldMethods(next) });
  };
  return (
    <select
      className={controls.select}
      aria-label={`Method of ${field}`}
      value={chosen?.get(field) ?? ''}
      onChange={(event) => change(event.currentTarget.value)}
    >
      <option value="">auto</option>
      {choices.map((id) => (
        <option key={id} value={id}>
          {methods[id].label}
        </option>
      ))}
    </select>
  );
}
