import type { FieldReport } from '../../training/spectrum/fieldReport.ts';
import { TooltipBox } from '../charts/TooltipBox.tsx';
import type { SpectrumData } from './spectrumData.ts';
import { spectrumStrokes, WEIGHTED_DASHES } from './SpectrumLines.tsx';

interface SpectrumTooltipProps {
  readonly report: FieldReport;
  readonly data: SpectrumData;
  /** From 1. */
  readonly k: number;
}

/** The singular values of one direction, in the units of the vectors. */
export function SpectrumTooltip({ report, data, k }: SpectrumTooltipProps) {
  const { plain, weighted } = data;
  const read = (value: number | undefined): string | undefined =>
    value
      ?.toPrecision(3)
      .concat(report.typicalError > 0 ? ` ± ${(report.typicalError * value).toPrecision(2)}` : '');
  const rows = [
    { label: 'σ of all rows', stroke: spectrumStrokes.plain, value: read(plain.values[k - 1]) },
    {
      label: 'as looked up',
      stroke: spectrumStrokes.weighted,
      dashes: WEIGHTED_DASHES,
      value: read(weighted.values[k - 1]),
    },
  ];
  const known = rows.flatMap((row) => (row.value === undefined ? [] : [{ ...row, value: row.value }]));
  return <TooltipBox title={`Direction ${k} of ${plain.values.length}`} rows={known} />;
}
