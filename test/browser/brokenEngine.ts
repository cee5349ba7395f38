// The engine in its worker, on a device that refuses every dispatch.
import '../../src/worker/engine.ts';

const { dispatchWorkgroups } = GPUComputePassEncoder.prototype;
GPUComputePassEncoder.prototype.dispatchWorkgroups = function (this: GPUComputePassEncoder) {
  return dispatchWorkgroups.call(this, 2 ** 31);
};
