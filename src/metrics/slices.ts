import { compareAucs, estimateAuc } from './areaUnderCurve.ts';
import { type Difference, estimateMean } from './estimate.ts';
import { groupPredictions } from './groups.ts';
import { pairedDifference } from './pairedDifference.ts';
import { type FieldPopularity, type PopularityBand, popularityBands } from './popularityBands.ts';
import { logLosses, type Predictions, squaredErrors } from './predictions.ts';
import type { Reported } from './testReport.ts';

/** The test examples whose value of a field lies in one band of popularity. */
export interface Slice extends PopularityBand {
  readonly examples: number;
  readonly meanLabel: number;
  /** Mean log loss of clicks, or mean squared error of ratings. NaN below two examples. */
  readonly loss: Reported;
  /** Of clicks; NaN unless there are two of each label. */
  readonly auc?: Reported;
  /** To the predictions of a reference, on the same examples. */
  readonly lossDifference?: Difference;
  readonly aucDifference?: Difference;
}

/** What decides how losses are counted. */
export type SlicedTask = 'click' | 'rating';

/**
 * Predictions by how popular the value of one field is, most popular first; bands without examples are left out. `ids`: of that
 * field, at every example. `reference`: what another model predicts of the same examples.
 */
export function sliceByPopularity(
  predictions: Predictions,
  { ids, popularity }: { readonly ids: Uint32Array; readonly popularity: FieldPopularity },
  task: SlicedTask,
  reference?: Predictions,
): readonly Slice[] {
  const { bands, bandOf } = popularityBands(popularity);
  const groupOf = Uint8Array.from(ids, (id) => bandOf[id]);
  const own = groupPredictions(predictions, groupOf, bands.length);
  const others = reference && groupPredictions(reference, groupOf, bands.length);
  return bands.flatMap((band, i): Slice[] =>
    own[i].values.length === 0 ? [] : [{ ...band, ...sliceOf(own[i], task, others?.[i]) }],
  );
}

function sliceOf(
  own: Predictions,
  task: SlicedTask,
  reference: Predictions | undefined,
): Omit<Slice, keyof PopularityBand> {
  const lossesOf = task === 'click' ? logLosses : squaredErrors;
  const losses = lossesOf(own);
  const { length } = own.labels;
  return {
    examples: length,
    meanLabel: own.labels.reduce((sum, label) => sum + label, 0) / length,
    loss: boundsOf(estimateMean(losses)),
    ...(task === 'click' && { auc: boundsOf(estimateAuc(own)) }),
    ...(reference && { lossDifference: pairedDifference(losses, lossesOf(reference)) }),
    ...(reference && task === 'click' && { aucDifference: compareAucs(own, reference) }),
  };
}

function boundsOf({ value, low, high }: Reported): Reported {
  return { value, low, high };
}
