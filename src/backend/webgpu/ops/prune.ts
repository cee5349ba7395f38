import { PRUNE_DIGITS } from '../../../program/op.ts';
import { elementCount } from '../../../program/tensor.ts';
import { bindings, dispatch } from '../kernel.ts';
import type { OpLowering } from '../dispatchBuilder.ts';
import { counts, uniformStruct } from '../uniforms.ts';

const histogramKernel = {
  shader: 'prune_histogram',
  variant: {},
  sizes: uniformStruct(
    counts('elements', 'valuesAt', 'selectionAt', 'histogramAt', 'shift', 'bins', 'above'),
  ),
  buffers: bindings(1, { values: 'read', selection: 'read', histogram: 'write' }),
};
const selectKernel = {
  shader: 'prune_select',
  variant: {},
  sizes: uniformStruct(counts('selectionAt', 'histogramAt', 'shift', 'bins', 'first')),
  buffers: bindings(1, { histogram: 'write', selection: 'write' }),
};
const zeroKernel = {
  shader: 'prune_zero',
  variant: {},
  sizes: uniformStruct(counts('elements', 'valuesAt', 'selectionAt')),
  buffers: bindings(1, { selection: 'read', values: 'write' }),
};

/** Values of a workgroup of prune_histogram. */
const GROUP_VALUES = 8192;

export const prune: OpLowering<'prune'> = ({ values, histogram, selection }, planner) => {
  const elements = elementCount(values);
  const places = { selectionAt: selection.offset, histogramAt: histogram.offset };
  const digits = PRUNE_DIGITS.flatMap(({ shift, bins }, digit) => [
    dispatch(`prune ${values.name}: count digit ${digit}`, histogramKernel, {
      sizes: { ...places, elements, valuesAt: values.offset, shift, bins, above: shift + Math.log2(bins) },
      operands: { values, selection, histogram },
      workgroups: Math.ceil(elements / GROUP_VALUES),
    }),
    dispatch(`prune ${values.name}: select digit ${digit}`, selectKernel, {
      sizes: { ...places, shift, bins, first: digit === 0 ? 1 : 0 },
      operands: { histogram, selection },
      workgroups: 1,
    }),
  ]);
  return [
    ...digits,
    dispatch(`prune ${values.name}`, zeroKernel, {
      constants: { THREADS: planner.tuning.threads },
      sizes: { elements, valuesAt: values.offset, selectionAt: selection.offset },
      operands: { selection, values },
      workgroups: planner.groupsFor(elements),
    }),
  ];
};
