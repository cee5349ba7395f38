import type { Scalar, Tensor1D, Tensor2D, Tensor3D, Variable } from '@tensorflow/tfjs';
import { initialParameter, type Workload } from '../workload.ts';
import { lowerTriangle, type StackedTables } from './stackTables.ts';

type TensorFlow = typeof import('@tensorflow/tfjs');

export class TfjsDlrm implements TfjsModel {
  readonly variables: Variable[];
  readonly #tf: TensorFlow;
  readonly #tables: readonly Variable[];
  readonly #bottom: readonly Layer[];
  readonly #top: readonly Layer[];
  readonly #pairs: Tensor1D;
  readonly #vectors: number;

  constructor(tf: TensorFlow, workload: Workload, stacks: readonly StackedTables[]) {
    const { spec } = workload;
    this.#tf = tf;
    this.#tables = tablesOf(tf, workload, stacks);
    this.#bottom = layersOf(tf, workload, 'bottom', spec.bottomMlp.length + 1);
    this.#top = layersOf(tf, workload, 'top', spec.topMlp.length + 1);
    const layers = [...this.#bottom, ...this.#top];
    this.variables = [...this.#tables, ...layers.flatMap(({ weight, bias }) => [weight, bias])];
    this.#vectors = spec.cardinalities.length + 1;
    this.#pairs = tf.tensor1d(lowerTriangle(this.#vectors), 'int32');
  }

  loss({ ids, numbers, labels }: TfjsBatch): Scalar {
    const tf = this.#tf;
    const T = this.#vectors;
    let bottom = numbers;
    for (const layer of this.#bottom) bottom = tf.relu(dense(tf, bottom, layer));
    const vectors = gather(tf, this.#tables, ids);
    const stacked = tf.concat([tf.expandDims<Tensor3D>(bottom, 1), ...vectors], 1); // [B, T, D]
    const products = tf.matMul(stacked, stacked, false, true); // [B, T, T]
    const dots = tf.gather(products.reshape([-1, T * T]) as Tensor2D, this.#pairs, 1);
    let x = tf.concat([bottom, dots], 1);
    for (const [i, layer] of this.#top.entries()) {
      x = dense(tf, x, layer);
      if (i < this.#top.length - 1) x = tf.relu(x);
    }
    const z = tf.squeeze<Tensor1D>(x, [1]);
    const losses = tf.sub(tf.relu(z), tf.mul(z, labels));
    return tf.mean(tf.add(losses, tf.log1p(tf.exp(tf.neg(tf.abs(z))))));
  }
}

/** Users × items: μ + b_u + b_i + ⟨e_u, e_i⟩, squared error. */
export class Factorization implements TfjsModel {
  readonly variables: Variable[];
  readonly #tf: TensorFlow;
  readonly #tables: readonly Variable[];
  readonly #biases: readonly Variable[];
  readonly #mean: number;

  constructor(tf: TensorFlow, workload: Workload, stacks: readonly StackedTables[]) {
    this.#tf = tf;
    this.#tables = tablesOf(tf, workload, stacks);
    this.#biases = stacks.map(({ rows }) => variableOf(tf, new Float32Array(rows), [rows, 1]));
    this.#mean = workload.spec.labelMean;
    this.variables = [...this.#tables, ...this.#biases];
  }

  loss({ ids, labels }: TfjsBatch): Scalar {
    const tf = this.#tf;
    const vectors = tf.concat([...gather(tf, this.#tables, ids)], 1); // [B, 2, D]
    const [user, item] = tf.unstack(vectors, 1);
    const biases = tf.concat([...gather(tf, this.#biases, ids)], 1); // [B, 2, 1]
    const score = tf.add(tf.sum(tf.mul(user, item), 1), tf.sum(biases, [1, 2]));
    return tf.mean(tf.square(tf.sub(tf.add(score, this.#mean), labels)));
  }
}

interface Layer {
  readonly weight: Variable; // [in, out]
  readonly bias: Variable; // [out]
}

function tablesOf(tf: TensorFlow, { spec }: Workload, stacks: readonly StackedTables[]): readonly Variable[] {
  return stacks.map(({ values, rows }) => variableOf(tf, values, [rows, spec.allocation.baseDim]));
}

function layersOf(tf: TensorFlow, workload: Workload, mlp: string, count: number): readonly Layer[] {
  const variable = (name: string): Variable => {
    const { values, shape } = initialParameter(workload, name);
    return variableOf(tf, values, shape);
  };
  return Array.from({ length: count }, (_, i) => ({
    weight: variable(`${mlp}.${i}.weight`),
    bias: variable(`${mlp}.${i}.bias`),
  }));
}

function variableOf(tf: TensorFlow, values: Float32Array, shape: number[]): Variable {
  const start = tf.tensor(values, shape);
  const variable = tf.variable(start);
  start.dispose();
  return variable;
}

/** [stacks] × [B, fields, dim] */
function gather(tf: TensorFlow, tables: readonly Variable[], ids: readonly Tensor2D[]): readonly Tensor3D[] {
  // tfjs types a gather as its table; the result has the axes of the ids in place of the first.
  return tables.map((table, k) => tf.gather(table as unknown as Tensor3D, ids[k]));
}

function dense(tf: TensorFlow, x: Tensor2D, { weight, bias }: Layer): Tensor2D {
  return tf.add(tf.matMul(x, weight as unknown as Tensor2D), bias);
}

export interface TfjsBatch {
  readonly ids: readonly Tensor2D[]; // [stacks] × [B, fields]
  readonly numbers: Tensor2D; // [B, numeric columns]
  readonly labels: Tensor1D; // [B]
}

export interface TfjsModel {
  readonly variables: Variable[];
  /** Mean over the batch. */
  loss(batch: TfjsBatch): Scalar;
}
