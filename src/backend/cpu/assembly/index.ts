// AssemblyScript: compiled to WebAssembly SIMD by ../kernelsPlugin.mjs.
// Arguments are byte addresses in the imported memory; 0 stands for a tensor that is not there.
export { embeddingAdagrad, embeddingAdam, embeddingSgd, gather } from './embedding';
export { addScaled } from './floats';
export { interact, interactBackward } from './interact';
export { linear, linearBackwardInput, linearBackwardWeight } from './linear';
export { adagrad, adam, sgd } from './optimizer';
export { deviation, quantise } from './quantised';
export { project, projectBackwardInput, projectBackwardWeight } from './project';

/** The first byte that is not a constant of these files. */
export const heapBase: usize = __heap_base;
