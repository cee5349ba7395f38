import type { ExampleDifferences } from '../../metrics/overExamples.ts';
import { formatCount } from '../shared/format.ts';
import { useApp } from '../useDimmer.ts';
import controls from '../shared/controls.module.css';
import { formatChange } from './inspectWords.ts';

const labels: Readonly<Record<keyof ExampleDifferences, string>> = {
  auc: 'AUC',
  logLoss: 'Log loss',
  rmse: 'RMSE',
  mse: 'MSE',
};

/** Differences to the uniform run of the same budget and seed, example by example; or why there are none. */
export function AgainstUniform({ isHere }: { readonly isHere: boolean }) {
  const state = useApp(({ inspection }) => inspection);
  if (!isHere) return <p>Open the data of this run to compare it example by example.</p>;
  if (state.kind === 'pending') return <p role="status">Comparing …</p>;
  if (state.kind === 'gone')
    return (
      <p>
        The predictions of this run are not kept any more, or were made from another model: train it again to
        compare it example by example.
      </p>
    );
  const { reference, inspection } = state;
  if ('missing' in reference || !inspection.differences)
    return <p>{'missing' in reference ? reference.missing : 'The two runs have not the same examples.'}</p>;
  return (
    <>
      <table className={controls.table} data-testid="against-uniform">
        <caption className={controls.visuallyHidden}>Differences to uniform on the test split</caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">This run minus {reference.run} (95 % interval)</th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(inspection.differences).map(([name, difference]) => (
            <tr key={name}>
              <th scope="row">{labels[name as keyof ExampleDifferences]}</th>
              <td>{formatChange(difference)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={controls.muted}>
        On the same {formatCount(inspection.examples)} test examples, with the same seed. Whether other seeds
        agree is told by <em>Means over seeds</em> in the table of runs.
      </p>
    </>
  );
}
