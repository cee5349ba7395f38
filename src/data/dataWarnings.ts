import type { DataWarning, Field, Split } from './dataset.ts';
import type { EncodedDataset } from './encodeDataset.ts';
import type { Steps } from './containers/pace.ts';

/** A column alone that predicts so well is the label once more, or made of it. */
const leakAuc = 0.99;
/** Cells looked at for leaks, over all columns. */
const leakCells = 4_000_000;
const leastLeakExamples = 5000;
/** Fewer labels of one kind than this make an AUC of a standard error above 0.06. */
const enoughLabels = 25;
const nearlyAllShare = 0.97;

/** What should be known of a data set before it is trained on. */
export function* checkDataset(
  dataset: EncodedDataset,
  hasTime: boolean,
  splitBy: string,
): Steps<DataWarning[]> {
  const warnings: DataWarning[] = [];
  if (dataset.task === 'click') warnings.push(...warnOfLabels(dataset));
  warnings.push(...(yield* warnOfLeaks(dataset)));
  for (const field of dataset.fields) if (isAllDistinct(field)) warnings.push(warnOfDistinct(field.name));
  if (hasTime && splitBy !== 'time' && splitBy !== 'leave-last-out') {
    warnings.push({
      kind: 'random-split',
      column: null,
      message: 'the lines have a time, but the split is random: training sees what comes after the test.',
      remedy: 'Split by time to know how good the model will be tomorrow.',
    });
  }
  return warnings;
}

function warnOfLabels({ splits, labels }: EncodedDataset): DataWarning[] {
  const rarest = (split: Split) => {
    const { start, count } = splits[split];
    let ones = 0;
    for (let i = start; i < start + count; i++) ones += labels[i];
    return { split, ones, least: Math.min(ones, count - ones) };
  };
  const found = [rarest('validation'), rarest('test')];
  const remedy = 'Split stratified by label, which gives each split its share, or load more lines.';
  const empty = found.filter(({ least }) => least === 0);
  if (empty.length > 0) {
    const named = empty.map(({ split, ones }) => `${split} has only labels ${ones === 0 ? 0 : 1}`);
    return [{ kind: 'one-class', column: null, message: `${named.join('; ')}: it has no AUC.`, remedy }];
  }
  const few = found.filter(({ least }) => least < enoughLabels);
  if (few.length === 0) return [];
  const named = few.map(({ split, least }) => `${split} has ${least} labels of the rarer kind`);
  const error = (0.29 / Math.sqrt(Math.min(...few.map(({ least }) => least)))).toFixed(2);
  return [
    {
      kind: 'rare-label',
      column: null,
      message: `${named.join('; ')}: its AUC has a standard error of about ±${error}.`,
      remedy: 'Take differences smaller than that for noise, or load more lines.',
    },
  ];
}

/** Half of the training examples predict the other half, by one column at a time. */
function* warnOfLeaks(dataset: EncodedDataset): Steps<DataWarning[]> {
  const { fields, numericColumns, splits, task } = dataset;
  const columns = fields.length + numericColumns.length;
  const most = Math.max(leastLeakExamples, Math.floor(leakCells / columns));
  const examples = Math.min(splits.train.count, most);
  const warnings: DataWarning[] = [];
  for (let f = 0; f < fields.length; f++) {
    const score = task === 'click' ? fieldAuc(dataset, f, examples) : fieldFit(dataset, f, examples);
    if (score > leakAuc) warnings.push(warnOfLeak(fields[f].name, task, score));
    yield;
  }
  for (let column = 0; column < numericColumns.length; column++) {
    const score =
      task === 'click' ? numberAuc(dataset, column, examples) : numberFit(dataset, column, examples);
    if (score > leakAuc) warnings.push(warnOfLeak(numericColumns[column].name, task, score));
    yield;
  }
  return warnings;
}

function warnOfLeak(column: string, task: EncodedDataset['task'], score: number): DataWarning {
  const measure = task === 'click' ? `an AUC of ${score.toFixed(4)}` : `an R² of ${score.toFixed(4)}`;
  return {
    kind: 'leak',
    column,
    message: `“${column}” alone predicts the label with ${measure}: it may be the label once more, or be known only after it.`,
    remedy: 'Give it the role “ignore”, unless it is known before what is to be predicted.',
  };
}

/** Sums of labels by id: of every other example, which predict, and of those between, which are predicted. */
function labelsById({ ids, labels, fields }: EncodedDataset, field: number, examples: number) {
  const { cardinality } = fields[field];
  const sums = () => ({
    count: new Float64Array(cardinality),
    sum: new Float64Array(cardinality),
    squares: 0,
  });
  const halves = [sums(), sums()];
  for (let i = 0; i < examples; i++) {
    const id = ids[i * fields.length + field];
    const half = halves[i % 2];
    half.count[id]++;
    half.sum[id] += labels[i];
    half.squares += labels[i] ** 2;
  }
  return halves;
}

/** Of the rates of one half as scores of the other. */
function fieldAuc(dataset: EncodedDataset, field: number, examples: number): number {
  const [known, unknown] = labelsById(dataset, field, examples);
  const ids = Array.from(unknown.count.keys()).filter((id) => unknown.count[id] > 0);
  const rate = (id: number) => (known.sum[id] + dataset.labelMean) / (known.count[id] + 1);
  return areaUnder(
    ids
      .map((id) => ({ score: rate(id), ones: unknown.sum[id], zeros: unknown.count[id] - unknown.sum[id] }))
      .sort((a, b) => a.score - b.score),
  );
}

/** R² of the means of one half as predictions of the other. */
function fieldFit(dataset: EncodedDataset, field: number, examples: number): number {
  const [known, unknown] = labelsById(dataset, field, examples);
  let count = 0;
  let sum = 0;
  let explained = 0;
  for (let id = 0; id < unknown.count.length; id++) {
    count += unknown.count[id];
    sum += unknown.sum[id];
    const mean = known.count[id] > 0 ? known.sum[id] / known.count[id] : dataset.labelMean;
    explained += 2 * mean * unknown.sum[id] - mean * mean * unknown.count[id];
  }
  const total = unknown.squares - (sum * sum) / count;
  return total > 0 ? 1 - (unknown.squares - explained) / total : 0;
}

/** Of the numbers themselves, rising or falling; ties halved. */
function numberAuc(
  { numbers, labels, numericColumns }: EncodedDataset,
  column: number,
  examples: number,
): number {
  const at = (i: number) => numbers[i * numericColumns.length + column];
  const ones = new Float32Array(examples);
  const zeros = new Float32Array(examples);
  let countOnes = 0;
  let countZeros = 0;
  for (let i = 0; i < examples; i++) {
    if (labels[i] === 1) ones[countOnes++] = at(i);
    else zeros[countZeros++] = at(i);
  }
  if (countOnes === 0 || countZeros === 0) return 0.5;
  const rising = ones.subarray(0, countOnes).sort();
  const others = zeros.subarray(0, countZeros).sort();
  let below = 0;
  let notAbove = 0;
  let area = 0;
  for (const one of rising) {
    while (below < countZeros && others[below] < one) below++;
    while (notAbove < countZeros && others[notAbove] <= one) notAbove++;
    area += (below + notAbove) / 2;
  }
  const auc = area / (countOnes * countZeros);
  return Math.max(auc, 1 - auc);
}

/** R² of a straight line: the squared correlation of numbers and labels. */
function numberFit({ numbers, labels, numericColumns }: EncodedDataset, column: number, examples: number) {
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < examples; i++) {
    meanX += numbers[i * numericColumns.length + column] / examples;
    meanY += labels[i] / examples;
  }
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < examples; i++) {
    const x = numbers[i * numericColumns.length + column] - meanX;
    const y = labels[i] - meanY;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  return xx > 0 && yy > 0 ? xy ** 2 / (xx * yy) : 0;
}

interface Scored {
  readonly score: number;
  readonly ones: number;
  readonly zeros: number;
}

/** Area under the ROC curve of rising scores, ties halved; 0.5 where one label is missing. */
function areaUnder(rising: readonly Scored[]): number {
  let zerosBelow = 0;
  let area = 0;
  let ones = 0;
  for (let i = 0; i < rising.length;) {
    let tiedOnes = 0;
    let tiedZeros = 0;
    const { score } = rising[i];
    for (; i < rising.length && rising[i].score === score; i++) {
      tiedOnes += rising[i].ones;
      tiedZeros += rising[i].zeros;
    }
    area += tiedOnes * (zerosBelow + tiedZeros / 2);
    zerosBelow += tiedZeros;
    ones += tiedOnes;
  }
  return ones === 0 || zerosBelow === 0 ? 0.5 : area / (ones * zerosBelow);
}

/** Nearly all lookups of training find a row that no other example does. */
function isAllDistinct({ counts, rareId, cardinality }: Field): boolean {
  let total = 0;
  let single = 0;
  for (let id = 0; id < cardinality; id++) {
    total += counts[id];
    if (id === rareId || counts[id] === 1) single += counts[id];
  }
  return total > 0 && single >= nearlyAllShare * total;
}

function warnOfDistinct(column: string): DataWarning {
  return {
    kind: 'all-distinct',
    column,
    message: `nearly every value of “${column}” occurs once: its embeddings would learn single lines.`,
    remedy: 'Give it the role “ignore”.',
  };
}
