import { methods } from '../../compression/methods.ts';
import type { MethodId } from '../../settings/settings.ts';

export interface MethodMark {
  /** 12 × 12 around 0. */
  readonly path: string;
  readonly color: string;
  readonly label: string;
}

/** Every shape is told from every other without its colour. */
export const markShapes: readonly string[] = [
  'M-4.5,-4.5H4.5V4.5H-4.5Z', // square
  'M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z', // disc
  'M0,-5.5L5.5,4.5H-5.5Z', // triangle
  'M0,-6L5,0L0,6L-5,0Z', // diamond
  'M-1.8,-5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8Z', // plus
  'M0,-6L1.6,-2.2L5.7,-1.9L2.6,0.8L3.5,4.9L0,2.7L-3.5,4.9L-2.6,0.8L-5.7,-1.9L-1.6,-2.2Z', // star
  'M0,5.5L5.5,-4.5H-5.5Z', // triangle on its tip
  'M-5,-2.6L-2.6,-5L0,-2.4L2.6,-5L5,-2.6L2.4,0L5,2.6L2.6,5L0,2.4L-2.6,5L-5,2.6L-2.4,0Z', // cross
  'M-2.8,-5H2.8L5.6,0L2.8,5H-2.8L-5.6,0Z', // hexagon
  'M-5,-5.5H5L1.2,0L5,5.5H-5L-1.2,0Z', // hourglass
  'M-5.5,0A5.5,5.5 0 0 1 5.5,0V2.5H-5.5Z', // dome
  'M5.5,0L-4.5,5.5V-5.5Z', // triangle to the right
  'M-5.8,-2H5.8V2H-5.8Z', // flat bar
  'M-5.5,-5V5L0,1.2L5.5,5V-5L0,-1.2Z', // bow tie
  'M-5.5,0A5.5,5.5 0 0 0 5.5,0V-2.5H-5.5Z', // bowl
  'M-5.5,0L4.5,5.5V-5.5Z', // triangle to the left
  'M-2,-5.8H2V5.8H-2Z', // upright bar
  'M0,-6L1.5,-1.5L6,0L1.5,1.5L0,6L-1.5,1.5L-6,0L-1.5,-1.5Z', // four-pointed star
  'M-5.5,2L0,-5L5.5,2V5.5L0,-0.5L-5.5,5.5Z', // chevron
  'M-5,-5H-1.6V1.6H5V5H-5Z', // corner
];

/** --method-1 … of tokens.css. */
export const MARK_COLORS = 7;

const entries = (Object.keys(methods) as MethodId[]).map((method, i): [MethodId, MethodMark] => [
  method,
  {
    path: markShapes[i % markShapes.length],
    color: `var(--method-${(i % MARK_COLORS) + 1})`,
    label: methods[method].label,
  },
]);

/** One shape and one colour a method, in the order of the registry. Seven colours: the eighth method has the first's again. */
export const methodMarks = Object.fromEntries(entries) as Readonly<Record<MethodId, MethodMark>>;
