import { elementCount } from '../../../program/tensor.ts';
import { bindings, dispatch } from '../kernel.ts';
import { type OpPlanner, partsFor } from '../plan.ts';
import { counts, uniformStruct } from '../uniforms.ts';
import { sumParts } from './linear.ts';

const gatherKernel = {
  shader: 'embedding_gather',
  variant: {},
  sizes: uniformStruct(
    counts(
      'elements',
      'width',
      'fields',
      'lookups',
      'fieldsAt',
      'blocksAt',
      'columnsAt',
      'tablesAt',
      'storedAt',
    ),
  ),
  buffers: bindings(1, { constants: 'read', ids: 'read', tables: 'read', stored: 'write' }),
};
const projectKernel = {
  shader: 'embedding_project',
  variant: {},
  sizes: uniformStruct(
    counts(
      'quads',
      'width',
      'fields',
      'lookups',
      'baseDim',
      'fieldsAt',
      'blocksAt',
      'storedAt',
      'projectionsAt',
      'vectorsAt',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    ids: 'read',
    stored: 'read',
    projections: 'read',
    vectors: 'write',
  }),
};
const projectBackwardInputKernel = {
  shader: 'embedding_project_backward_input',
  variant: {},
  sizes: uniformStruct(
    counts(
      'elements',
      'width',
      'fields',
      'lookups',
      'baseDim',
      'fieldsAt',
      'blocksAt',
      'columnsAt',
      'dVectorsAt',
      'projectionsAt',
      'dStoredAt',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    ids: 'read',
    dVectors: 'read',
    projections: 'read',
    dStored: 'write',
  }),
};
const projectBackwardWeightKernel = {
  shader: 'embedding_project_backward_weight',
  variant: {},
  sizes: uniformStruct(
    counts(
      'threads',
      'rowTiles',
      'parts',
      'width',
      'fields',
      'lookups',
      'baseDim',
      'fieldsAt',
      'blocksAt',
      'tilesAt',
      'storedAt',
      'dVectorsAt',
      'outAt',
      'partStride',
    ),
  ),
  buffers: bindings(1, {
    constants: 'read',
    ids: 'read',
    occurrences: 'read',
    stored: 'read',
    dVectors: 'read',
    out: 'write',
  }),
};

export const gather: OpPlanner<'gather'> = ({ data, layout, tables, stored }, planner) => {
  const [batch, width] = stored.shape;
  const fields = layout.fields.length;
  const { fieldsAt, blocksAt, columnsAt } = planner.placeLayout(layout);
  const elements = batch * width;
  return [
    dispatch(`gather ${stored.name}`, gatherKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        elements,
        width,
        fields,
        lookups: batch * fields,
        fieldsAt,
        blocksAt,
        columnsAt,
        tablesAt: tables.offset,
        storedAt: stored.offset,
      },
      operands: { constants: 'constants', ids: data.ids, tables, stored },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const project: OpPlanner<'project'> = ({ data, layout, stored, projections, vectors }, planner) => {
  const [batch, fields, baseDim] = vectors.shape;
  const { fieldsAt, blocksAt } = planner.placeLayout(layout);
  const lookups = batch * fields;
  const quads = lookups * Math.ceil(baseDim / 4);
  return [
    dispatch(`project ${vectors.name}`, projectKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        quads,
        width: layout.width,
        fields,
        lookups,
        baseDim,
        fieldsAt,
        blocksAt,
        storedAt: stored.offset,
        projectionsAt: projections.offset,
        vectorsAt: vectors.offset,
      },
      operands: { constants: 'constants', ids: data.ids, stored, projections, vectors },
      workgroups: planner.groupsFor(quads),
    }),
  ];
};

export const projectBackwardInput: OpPlanner<'project-backward-input'> = (
  { data, layout, dVectors, projections, dStored },
  planner,
) => {
  const [batch, fields, baseDim] = dVectors.shape;
  const { fieldsAt, blocksAt, columnsAt } = planner.placeLayout(layout);
  const elements = batch * layout.width;
  return [
    dispatch(`project-backward-input ${dStored.name}`, projectBackwardInputKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: {
        elements,
        width: layout.width,
        fields,
        lookups: batch * fields,
        baseDim,
        fieldsAt,
        blocksAt,
        columnsAt,
        dVectorsAt: dVectors.offset,
        projectionsAt: projections.offset,
        dStoredAt: dStored.offset,
      },
      operands: { constants: 'constants', ids: data.ids, dVectors, projections, dStored },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};

export const projectBackwardWeight: OpPlanner<'project-backward-weight'> = (
  { data, layout, stored, dVectors, dProjections },
  planner,
) => {
  const [batch, fields, baseDim] = dVectors.shape;
  const { fieldsAt, blocksAt, tilesAt, rowTiles } = planner.placeLayout(layout);
  const elements = elementCount(dProjections);
  const tiles = rowTiles * Math.ceil(baseDim / 4);
  const parts = partsFor(planner.tuning, tiles, batch, elements);
  const split = parts > 1;
  if (split) planner.reserveScratch(parts * elements);
  const label = `project-backward-weight ${dProjections.name}`;
  const products = dispatch(label, projectBackwardWeightKernel, {
    constants: { THREADS: planner.tuning.threads },
    sizes: {
      threads: parts * tiles,
      rowTiles,
      parts,
      width: layout.width,
      fields,
      lookups: batch * fields,
      baseDim,
      fieldsAt,
      blocksAt,
      tilesAt,
      storedAt: stored.offset,
      dVectorsAt: dVectors.offset,
      outAt: split ? 0 : dProjections.offset,
      partStride: elements,
    },
    operands: {
      constants: 'constants',
      ids: data.ids,
      occurrences: data.plan.occurrences,
      stored,
      dVectors,
      out: split ? 'scratch' : dProjections,
    },
    workgroups: planner.groupsFor(parts * tiles),
  });
  if (!split) return [products];
  const sizes = { elements, parts, stride: elements, first: 0, outAt: dProjections.offset };
  return [products, sumParts(planner, `${label} sum`, dProjections, sizes)];
};
