/** What the GPUs of every library on this page or worker were asked to do, and what went wrong. */
export interface GpuWatch {
  /** Devices asked for from now on belong to `owner`. */
  own(owner: string): void;
  /** Uncaptured errors of the devices of `owner` that have arrived so far. */
  errorsOf(owner: string): readonly GPUError[];
  /** Resolves when the errors of everything that `owner` has submitted have arrived. */
  settled(owner: string): Promise<void>;
  /** Compute dispatches that `work` encodes, by any library. */
  countDispatches(work: () => Promise<unknown>): Promise<number>;
}

/**
 * Watches through the prototypes, because the peers make their own devices. An uncaptured error
 * means that commands were dropped, and a dropped command looks fast.
 */
export function watchGpu(): GpuWatch {
  const errors: { readonly owner: string; readonly error: GPUError }[] = [];
  const devices: { readonly owner: string; readonly device: GPUDevice }[] = [];
  let current = '';
  if (typeof GPUAdapter !== 'undefined') {
    const prototype = GPUAdapter.prototype;
    const requestDevice = prototype.requestDevice;
    prototype.requestDevice = async function (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) {
      const owner = current;
      const device = await requestDevice.call(this, descriptor);
      device.addEventListener('uncapturederror', ({ error }) => errors.push({ owner, error }));
      devices.push({ owner, device });
      return device;
    };
  }
  return {
    own(owner) {
      current = owner;
    },
    errorsOf: (owner) => errors.filter((each) => each.owner === owner).map(({ error }) => error),
    async settled(owner) {
      const own = devices.filter((each) => each.owner === owner);
      // Rejects for a device that is lost: nothing more will come of it.
      await Promise.allSettled(own.map(({ device }) => device.queue.onSubmittedWorkDone()));
    },
    countDispatches,
  };
}

async function countDispatches(work: () => Promise<unknown>): Promise<number> {
  if (typeof GPUComputePassEncoder === 'undefined') {
    await work();
    return 0;
  }
  let count = 0;
  const prototype = GPUComputePassEncoder.prototype;
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = prototype;
  prototype.dispatchWorkgroups = function (this: GPUComputePassEncoder, x, y, z) {
    count++;
    return dispatchWorkgroups.call(this, x, y, z);
  };
  prototype.dispatchWorkgroupsIndirect = function (this: GPUComputePassEncoder, buffer, offset) {
    count++;
    return dispatchWorkgroupsIndirect.call(this, buffer, offset);
  };
  try {
    await work();
    return count;
  } finally {
    Object.assign(prototype, { dispatchWorkgroups, dispatchWorkgroupsIndirect });
  }
}
