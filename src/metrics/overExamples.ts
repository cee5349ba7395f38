import { compareMeanAucs } from './areaUnderCurve.ts';
import { type Difference, estimateDifference, meanAndVariance } from './estimate.ts';
import { subtract } from './pairedDifference.ts';
import { meanOverPairs, type PredictionPair } from './predictionPairs.ts';
import { logLosses, type Predictions, squaredErrors } from './predictions.ts';

/** By metric. */
export type ExampleDifferences = Readonly<Partial<Record<'auc' | 'logLoss' | 'rmse' | 'mse', Difference>>>;

/**
 * How much the metrics of trained models differ on examples like these: means over pairs, with intervals over examples, which say
 * nothing of other seeds. AUC by DeLong's paired test, losses by paired differences, RMSE by the delta method. All pairs are of the
 * same examples; throws RangeError where they are not, or without a pair.
 */
export function differencesOverExamples(
  pairs: readonly PredictionPair[],
  task: 'click' | 'rating',
): ExampleDifferences {
  if (task === 'click')
    return {
      auc: compareMeanAucs(pairs),
      logLoss: meanDifference(pairs, logLosses),
    };
  return { rmse: rootDifference(pairs), mse: meanDifference(pairs, squaredErrors) };
}

function meanDifference(
  pairs: readonly PredictionPair[],
  lossesOf: (predictions: Predictions) => Float64Array,
): Difference {
  const apart = meanOverPairs(pairs, ({ own, reference }) => subtract(lossesOf(own), lossesOf(reference)));
  const { mean, variance } = meanAndVariance(apart);
  return estimateDifference(mean, Math.sqrt(variance / apart.length), { degrees: apart.length - 1 });
}

/** √mean(a) − √mean(b) moves by a/2√mean(a) − b/2√mean(b) with each example. */
function rootDifference(pairs: readonly PredictionPair[]): Difference {
  let difference = 0;
  const moves = meanOverPairs(pairs, ({ own, reference }) => {
    const [a, b] = [squaredErrors(own), squaredErrors(reference)];
    const [rootOfA, rootOfB] = [a, b].map((squares) => Math.sqrt(meanAndVariance(squares).mean));
    difference += (rootOfA - rootOfB) / pairs.length;
    return a.map((square, i) => square / (2 * rootOfA) - b[i] / (2 * rootOfB));
  });
  const { variance } = meanAndVariance(moves);
  return estimateDifference(difference, Math.sqrt(variance / moves.length), { degrees: moves.length - 1 });
}
