import { Download } from 'lucide-react';
import type { RefObject } from 'react';
import controls from '../shared/controls.module.css';
import { runSizes } from '../runs/runSize.ts';
import { useApp, useDimmer, useMetric } from '../useDimmer.ts';
import { drawFigure } from '../charts/exportChart.ts';
import type { AccuracyData } from './accuracyData.ts';
import { methodsOn } from './AccuracyLegend.tsx';
import { methodMarks } from './methodMarks.ts';

interface ChartExportProps {
  readonly plot: RefObject<HTMLDivElement | null>;
  readonly data: AccuracyData;
}

/** The chart as a file: SVG for papers, PNG for slides. */
export function ChartExport({ plot, data }: ChartExportProps) {
  const { runList } = useDimmer();
  const dataset = useApp((state) => state.dataset?.name);
  const split = useApp((state) => state.split);
  const { phrase } = runSizes[useApp((state) => state.size)];
  const metric = useMetric();

  async function save(format: 'svg' | 'png'): Promise<void> {
    runList.hover([]);
    await new Promise(requestAnimationFrame); // drawn without what was lit up
    const chart = plot.current?.querySelector('svg');
    if (!chart) return;
    const title = `${metric.label} on the ${split} split against ${phrase}, ${dataset}`;
    const marks = methodsOn(data).map((method) => methodMarks[method]);
    await runList.saveChart(drawFigure(chart, title, marks), format);
  }

  return (
    <span>
      {(['svg', 'png'] as const).map((format) => (
        <button
          key={format}
          type="button"
          className={controls.small}
          aria-label={`Save the chart as ${format.toUpperCase()}`}
          title={`Save the chart as ${format.toUpperCase()}`}
          onClick={() => void save(format)}
        >
          {format === 'svg' && <Download size={12} aria-hidden="true" />}
          {format.toUpperCase()}
        </button>
      ))}
    </span>
  );
}
