import { type FieldMethods, readFieldMethods } from '../settings/parseSetting.ts';
import type { MethodId } from '../settings/settings.ts';
import type { Allocation, Block, FieldStatistics, FieldStorage } from './allocation.ts';
import { AllocationError } from './errors.ts';
import { hyperparametersOf, tooSmall } from './fixedDim.ts';
import type { AllocationRequest, ParameterRange } from './method.ts';
import { methods } from './methods.ts';
import { popularityBlocks } from './popularityBlocks.ts';

/** The fields of one method, and what that method does for them. */
interface Group {
  readonly method: MethodId;
  /** Indices of its fields among all. */
  readonly members: readonly number[];
  readonly fields: readonly FieldStatistics[];
  readonly range: ParameterRange;
}

/** The methods of single fields that a request names. Throws AllocationError. */
export function fieldMethodsOf({ fieldMethods }: Pick<AllocationRequest, 'fieldMethods'>): FieldMethods {
  const chosen = readFieldMethods(fieldMethods ?? '');
  if (chosen) return chosen;
  throw new AllocationError(
    `“${fieldMethods}” does not say which field has which method.`,
    'Write it as C3=full,C9=hashing.',
  );
}

/**
 * Allocates with a method of its own for some fields. The budget is shared out in proportion to what
 * the groups' full tables would take, within what each can reach; the method of all solves its dim D
 * first, and the others make vectors of that dim. Throws AllocationError, BudgetTooSmallError.
 */
export function allocatePerField(
  fields: readonly FieldStatistics[],
  request: AllocationRequest,
  chosen: FieldMethods,
): Allocation {
  const { budget } = request;
  if (budget === undefined) {
    throw new AllocationError(
      'Fields with methods of their own need a budget to share.',
      'Give a budget instead of a base dim, or leave all fields to one method.',
    );
  }
  checkChoices(fields, chosen);
  // D is at most the setting, so that the ranges of the other methods hold whatever it turns out to be.
  const maxDim = Math.min(request.maxDim, hyperparametersOf(request).vectorDim);
  const [main, ...others] = groupFields(fields, { ...request, maxDim }, chosen);
  const shares = shareOut(budget, [main, ...others]);
  const first =
    main.fields.length > 0 ? allocateGroup(main, { ...request, maxDim, budget: shares[0] }) : undefined;
  const vectorDim = first?.baseDim ?? hyperparametersOf(request).vectorDim;
  let left = budget - (first?.parameters ?? 0);
  const rest = others.map((group, i) => {
    // Leaves the groups after this one the least that they need.
    const later = others.slice(i + 1).reduce((sum, other) => sum + other.range.min, 0);
    const share = Math.min(Math.max(shares[i + 1], group.range.min), left - later);
    const allocation = allocateGroup(group, { ...request, vectorDim, keepsDim: true, budget: share });
    left -= allocation.parameters;
    return allocation;
  });
  const parts = first ? [first, ...rest] : rest;
  const groups = first ? [main, ...others] : others;
  return merge(fields.length, groups, parts, request, vectorDim);
}

function checkChoices(fields: readonly FieldStatistics[], chosen: FieldMethods): void {
  for (const [name, method] of chosen) {
    if (!fields.some((field) => field.name === name)) {
      throw new AllocationError(
        `There is no field ${name} to give the method ${methods[method].label}.`,
        `The fields are ${fields.map((field) => field.name).join(', ')}.`,
      );
    }
    if (!methods[method].hyperparameters.includes('vectorDim')) {
      throw new AllocationError(
        `${methods[method].label} solves the dim of all fields together, so it cannot be the method of ${name} alone.`,
        'Choose low rank for that field, or make it the method of all.',
      );
    }
  }
}

/** The method of all first, its fields possibly none. */
function groupFields(
  fields: readonly FieldStatistics[],
  request: AllocationRequest,
  chosen: FieldMethods,
): readonly Group[] {
  const members = new Map<MethodId, number[]>([[request.method, []]]);
  fields.forEach(({ name }, field) => {
    const method = chosen.get(name) ?? request.method;
    members.set(method, [...(members.get(method) ?? []), field]);
  });
  return [...members].map(([method, own]) => {
    const subset = subsetOf(fields, own);
    const blocks = own.length > 0 ? popularityBlocks(subset, request.blocks) : [];
    const range =
      own.length > 0
        ? methods[method].reachableRange(blocks, { ...request, method, keepsDim: method !== request.method })
        : { min: 0, max: 0 };
    return { method, members: own, fields: subset, range };
  });
}

const subsets = new WeakMap<readonly FieldStatistics[], Map<string, readonly FieldStatistics[]>>();

/** The same array for the same fields, so that their blocks are remembered. */
function subsetOf(
  fields: readonly FieldStatistics[],
  members: readonly number[],
): readonly FieldStatistics[] {
  const known = subsets.get(fields) ?? new Map<string, readonly FieldStatistics[]>();
  subsets.set(fields, known);
  const key = members.join();
  const subset = known.get(key) ?? members.map((field) => fields[field]);
  known.set(key, subset);
  return subset;
}

function allocateGroup({ method, members, fields }: Group, request: AllocationRequest): Allocation {
  const spectra = request.spectra
    ?.filter(({ field }) => members.includes(field))
    .map(({ field, firstId, energies }) => ({ field: members.indexOf(field), firstId, energies }));
  return methods[method].allocate(popularityBlocks(fields, request.blocks), { ...request, method, spectra });
}

/** In proportion to rows, within each group's range; what one cannot use goes to the others. */
function shareOut(budget: number, groups: readonly Group[]): readonly number[] {
  const smallest = groups.reduce((sum, { range }) => sum + range.min, 0);
  if (smallest > budget) throw tooSmall(budget, smallest);
  const rows = groups.map(({ fields }) => fields.reduce((sum, field) => sum + field.cardinality, 0));
  const shares = groups.map(() => -1);
  for (;;) {
    const open = groups.flatMap((_, i) => (shares[i] < 0 ? [i] : []));
    const spent = shares.reduce((sum, share) => sum + Math.max(0, share), 0);
    const openRows = open.reduce((sum, i) => sum + rows[i], 0);
    const shareFor = (i: number) => ((budget - spent) * rows[i]) / openRows;
    // Groups below their least are settled first: the shares of the others shrink for them.
    const low = open.filter((i) => shareFor(i) <= groups[i].range.min);
    const settled = low.length > 0 ? low : open.filter((i) => shareFor(i) >= groups[i].range.max);
    if (settled.length === 0) {
      for (const i of open) shares[i] = Math.floor(shareFor(i));
      return shares;
    }
    for (const i of settled) shares[i] = low.length > 0 ? groups[i].range.min : groups[i].range.max;
    if (settled.length === open.length) return shares;
  }
}

/** Puts the groups' allocations side by side. */
function merge(
  fields: number,
  groups: readonly Group[],
  parts: readonly Allocation[],
  { method, alpha, budget }: AllocationRequest,
  baseDim: number,
): Allocation {
  const storages: FieldStorage[] = Array.from({ length: fields });
  const blocks: Block[] = [];
  parts.forEach((part, g) => {
    const { members } = groups[g];
    part.fields.forEach((storage, i) => (storages[members[i]] = storage));
    for (const block of part.blocks) blocks.push({ ...block, field: members[block.field] });
  });
  const sum = (of: (part: Allocation) => number): number =>
    parts.reduce((total, part) => total + of(part), 0);
  const isSparse = parts.some((part) => part.nonZeros !== undefined);
  return {
    ...Object.assign({}, ...parts.toReversed()),
    method,
    alpha,
    baseDim,
    blocks: blocks.sort((a, b) => a.field - b.field || a.firstId - b.firstId),
    fields: storages,
    sharedElements: sum((part) => part.sharedElements),
    embeddingParameters: sum((part) => part.embeddingParameters),
    projectionParameters: sum((part) => part.projectionParameters),
    parameters: sum((part) => part.parameters),
    paperParameters: sum((part) => part.paperParameters),
    ...(isSparse && {
      nonZeros: sum((part) => part.nonZeros ?? 0),
      trainedParameters: sum((part) => part.trainedParameters ?? part.parameters),
    }),
    budget: budget ?? null,
  };
}
