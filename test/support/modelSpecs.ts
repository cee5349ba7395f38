import * as fc from 'fast-check';
import type { ModelSpec } from '../../src/model/model.ts';
import {
  computedFactorizationSpec,
  computedSpec,
  decodedFactorizationSpec,
  decodedSpec,
} from './computedModel.ts';
import {
  adagrad,
  adam,
  allocationOf,
  amsgrad,
  dlrmSpec,
  factorizationSpec,
  ncfSpec,
  sgd,
  sharingFactorizationSpec,
  storagesSpec,
} from './tinyModel.ts';

const common = {
  optimizer: fc.constantFrom(sgd, adagrad, adam, amsgrad),
  batch: fc.integer({ min: 3, max: 20 }),
};
const widths = fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 3 });
const layers = { numericColumns: fc.nat(5), bottomMlp: widths, topMlp: widths };

const dim = fc.integer({ min: 1, max: 9 });
const field = fc.record({
  rows: fc.integer({ min: 3, max: 40 }),
  dims: fc.array(dim, { minLength: 1, maxLength: 3 }),
});
const tables = fc
  .record({
    fields: fc.array(field, { minLength: 2, maxLength: 5 }),
    /** Every dim is D: no projections. */
    uniform: fc.option(dim, { nil: null }),
  })
  .map(({ fields, uniform }) => {
    const cardinalities = fields.map(({ rows }) => rows);
    const dims = fields.map((own) => (uniform === null ? own.dims : [uniform]));
    return { cardinalities, allocation: allocationOf(cardinalities, dims) };
  });

/** Small models of every kind: every storage, with and without projections, numbers and hidden layers. */
export const modelSpecs: fc.Arbitrary<ModelSpec> = fc.oneof(
  fc
    .tuple(tables, fc.record({ ...common, ...layers }))
    .map(([own, changes]) => dlrmSpec(Object.assign(own, changes))),
  fc
    .tuple(tables, fc.record({ ...common, l2: fc.constantFrom(0, 0.1) }))
    .map(([own, changes]) => factorizationSpec(Object.assign(own, changes))),
  fc
    .tuple(tables, fc.record({ ...common, ncfMlp: widths, l2: fc.constantFrom(0, 0.1) }))
    .map(([own, changes]) => ncfSpec(Object.assign(own, changes))),
  fc.record({ ...common, ...layers }).map(storagesSpec),
  fc.record(common).map(sharingFactorizationSpec),
  fc.record({ ...common, ...layers }).map(computedSpec),
  fc.record(common).map(computedFactorizationSpec),
  fc.record({ ...common, ...layers }).map(decodedSpec),
  fc.record(common).map(decodedFactorizationSpec),
);
