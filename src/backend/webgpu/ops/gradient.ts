import { LEAST_RESIDUAL, LEAST_SIGMA } from '../../../program/operand.ts';
import { elementCount, storageOf } from '../../../program/tensor.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import { bindings, counts, dispatch, uniformStruct } from '../kernel.ts';
import { coefficientMembers, coefficientsOf, kernelOf, stateOperands, structure } from './optimizer.ts';
import { bindSaved, FIRST_UNSAVED_BINDING, savedKernel } from './quantisedActivation.ts';

const refineKernel = {
  shader: 'refine_basis',
  variant: {},
  sizes: uniformStruct({
    ...counts('rank', 'length', 'next', 'stride', 'basisAt', 'stepAt', 'sigmaAt', 'measures'),
    ...counts('biasElements', 'biasAt', 'sumsAt', 'adds'),
    keep: 'f32',
    gain: 'f32',
    leastSigma: 'f32',
    zeroSigma: 'f32',
    leastResidual: 'f32',
  }),
  buffers: bindings(1, { step: 'read', factors: 'write', bias: 'write' }),
};

const updateSizes = uniformStruct({ ...counts('elements', 'valuesAt', 'piecesAt'), ...coefficientMembers });
const updateBuffers = bindings(1, {
  constants: 'read',
  gradients: 'read',
  factors: 'read',
  values: 'write',
});

export const refineBasis: OpLowering<'refine-basis'> = (op) => {
  const { basis, along, step, sigma, keep, gain, measures, bias } = op;
  if (storageOf(basis) !== storageOf(sigma)) throw new Error('a basis lies beside its σ');
  if (bias && storageOf(bias.sums) !== storageOf(step)) throw new Error('sums lie beside the step');
  const rank = elementCount(sigma);
  const length = elementCount(basis) / rank;
  const [next, stride] = along === 'columns' ? [1, rank] : [length, 1];
  return [
    dispatch(`refine-basis ${basis.name}`, refineKernel, {
      sizes: {
        rank,
        length,
        next,
        stride,
        basisAt: basis.offset,
        stepAt: step.offset,
        sigmaAt: sigma.offset,
        measures: measures ? 1 : 0,
        biasElements: bias ? elementCount(bias.total) : 0,
        biasAt: bias?.total.offset ?? 0,
        sumsAt: bias?.sums.offset ?? 0,
        adds: bias?.adds ? 1 : 0,
        keep,
        gain,
        leastSigma: LEAST_SIGMA.relative,
        zeroSigma: LEAST_SIGMA.absolute,
        leastResidual: LEAST_RESIDUAL,
      },
      operands: { step, factors: basis, bias: bias?.total ?? 'scratch' },
      workgroups: 1,
    }),
  ];
};

const measureKernel = {
  shader: 'measure_gradient',
  variant: {},
  sizes: uniformStruct(
    counts('batch', 'inputs', 'outputs', 'rank', 'xAt', 'dyAt', 'leftAt', 'rightAt', 'sigmaAt', 'energiesAt'),
  ),
  buffers: bindings(FIRST_UNSAVED_BINDING, { dy: 'read', factors: 'read', energies: 'write' }),
};

export const measureGradient: OpLowering<'measure-gradient'> = ({ x, dy, factors, energies }) => {
  const [batch, inputs] = x.shape;
  const { left, right, sigma } = factors;
  const saved = bindSaved(x);
  return [
    dispatch(`measure-gradient ${energies.name}`, savedKernel(measureKernel, saved), {
      constants: saved.constants,
      sizes: {
        batch,
        inputs,
        outputs: dy.shape[1],
        rank: elementCount(sigma),
        xAt: saved.at,
        dyAt: dy.offset,
        leftAt: left.offset,
        rightAt: right.offset,
        sigmaAt: sigma.offset,
        energiesAt: energies.offset,
      },
      operands: { ...saved.operands, dy, factors: left, energies },
      workgroups: ({ measures }) => (measures ? inputs : 0),
    }),
  ];
};

export const factoredUpdate: OpLowering<'factored-update'> = (op, builder) => {
  const { optimizer, parameters, gradients, factors, pieces, state } = op;
  const elements = elementCount(parameters);
  const words = pieces.flatMap(({ first, rows, columns, exactAt, factors: own }) => {
    const end = first + rows * columns;
    if (!own) return [end, columns, 0, gradients.offset + exactAt, 0, 0];
    const { left, right, sigma } = own;
    return [end, columns, elementCount(sigma), left.offset, right.offset, sigma.offset];
  });
  return [
    dispatch(
      `factored-update ${parameters.name}`,
      kernelOf('factored_update', optimizer.kind, updateSizes, updateBuffers),
      {
        constants: { THREADS: builder.tuning.threads, ...structure(optimizer) },
        sizes: {
          elements,
          valuesAt: parameters.offset,
          piecesAt: builder.placeWords(words),
          ...coefficientsOf(optimizer),
        },
        operands: {
          constants: 'constants',
          gradients,
          factors,
          values: parameters,
          ...stateOperands(optimizer, state),
        },
        workgroups: builder.groupsFor(elements),
      },
    ),
  ];
};
