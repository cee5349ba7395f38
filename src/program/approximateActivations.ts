import { tensorsOf } from './dataflow.ts';
import type { EmbeddingLayout } from './lookup.ts';
import type { Op, OpKind } from './op.ts';
import type { QuantisedActivation, QuantisedBits } from './operand.ts';
import type { Program } from './program.ts';
import { elementCount, storageOf, type Tensor } from './tensor.ts';

/** The operand of a backward op that may be codes. */
const quantisable: Readonly<Partial<Record<OpKind, string>>> = {
  'linear-backward-weight': 'x',
  'linear-backward-input': 'mask',
  'project-backward-weight': 'gathered',
};

/** A tensor that the forward pass makes and the backward pass could read as codes. */
interface Candidate {
  readonly tensor: Tensor;
  readonly groups: readonly number[];
  readonly relu: boolean;
}

/**
 * The same program, whose backward pass reads codes of hidden activations in place of floats: of the outputs of
 * ReLU layers and of gathered rows, where every backward op that reads them takes codes. The forward pass, the
 * masks and with them all gradients but those of weights stay as they are, bit for bit; the floats live
 * from one layer to the next, so that assignMemory lays those of all layers in two regions.
 * Numbers, interactions and vectors stay exact, as they are no hidden activations or gradients depend on them; so do
 * the layers named in `exact`.
 * Chakrabarti & Moseley 2019, arXiv 1901.07988.
 */
export function approximateActivations(
  program: Program,
  { bits, exact = new Set() }: { readonly bits: QuantisedBits; readonly exact?: ReadonlySet<string> },
): Program {
  const chosen = candidates(program).filter(({ tensor }) => !exact.has(tensor.layer));
  const chosenCodes = new Map(
    chosen.map((candidate) => [candidate.tensor, declareQuantised(candidate, bits)]),
  );
  const train = program.sections.train.flatMap((op) => {
    const quantised = chosenCodes.get(candidateOf(op)?.tensor as Tensor);
    return quantised ? produceAndQuantise(op, quantised, program.batch) : [readCodes(op, chosenCodes)];
  });
  const added = [...chosenCodes.values()].flatMap(({ codes, deviations }) => [codes, deviations]);
  return {
    ...program,
    tensors: [...program.tensors, ...added],
    sections: { ...program.sections, train },
  };
}

/** The layers whose activations approximateActivations would quantise. */
export function approximableLayers(program: Program): readonly string[] {
  return [...new Set(candidates(program).map(({ tensor }) => tensor.layer))];
}

function candidates({ sections: { train, evaluate } }: Program): readonly Candidate[] {
  // Ops of both sections are the forward pass.
  const forward = new Set(evaluate);
  return train.flatMap((producer) => {
    const candidate = candidateOf(producer);
    if (!candidate) return [];
    const readers = train.filter((op) => op !== producer && !forward.has(op) && names(op, candidate.tensor));
    const chosenCodes = new Map([[candidate.tensor, declareQuantised(candidate, 8)]]);
    const allReadCodes = readers.every((op) => !names(readCodes(op, chosenCodes), candidate.tensor));
    return readers.length > 0 && allReadCodes ? [candidate] : [];
  });
}

function candidateOf(op: Op): Candidate | undefined {
  if (op.kind === 'linear' && op.activation === 'relu')
    return { tensor: op.y, groups: [op.y.shape[1]], relu: true };
  if (op.kind === 'gather') return { tensor: op.gathered, groups: slotWidths(op.layout), relu: false };
  return undefined;
}

/** Fields differ in scale: a deviation for each. */
function slotWidths({ lookups }: EmbeddingLayout): readonly number[] {
  const held = lookups.filter(({ slotWidth }) => slotWidth > 0);
  return held.toSorted((a, b) => a.slotOffset - b.slotOffset).map(({ slotWidth }) => slotWidth);
}

function names(op: Op, tensor: Tensor): boolean {
  return tensorsOf(op).some((named) => storageOf(named) === tensor);
}

function declareQuantised({ tensor, groups, relu }: Candidate, bits: QuantisedBits): QuantisedActivation {
  const { name, layer, shape } = tensor;
  const common = { role: 'activation', layer, offset: 0, initial: { kind: 'zeros' } } as const;
  const words = Math.ceil((elementCount(tensor) * bits) / 32);
  const codes: Tensor = { ...common, name: `${name}.codes`, shape: [words], type: 'u32' };
  const deviations: Tensor = { ...common, name: `${name}.deviations`, shape: [groups.length], type: 'f32' };
  return { codes, deviations, bits, shape, groups, relu };
}

/** 'quantise' applies the ReLU: its codes are those of what goes into it. */
function produceAndQuantise(op: Op, quantised: QuantisedActivation, batch: number): readonly Op[] {
  const { tensor: values } = candidateOf(op)!;
  const producer: Op = op.kind === 'linear' ? { ...op, activation: 'none' } : op;
  return [
    producer,
    { kind: 'measure-deviations', values, quantised, batch },
    { kind: 'quantise', values, quantised },
  ];
}

function readCodes(op: Op, chosenCodes: ReadonlyMap<Tensor, QuantisedActivation>): Op {
  const operand = quantisable[op.kind];
  if (operand === undefined) return op;
  const quantised = chosenCodes.get((op as Op & Record<string, Tensor>)[operand]);
  return quantised ? { ...op, [operand]: quantised } : op;
}
