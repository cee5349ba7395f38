import { BackendError } from '../backend.ts';

/** Larger than the defaults where the adapter has more. */
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

/** Used where present, never required. */
const wantedFeatures = [
  'timestamp-query',
  'shader-f16',
  'subgroups',
] as const satisfies readonly GPUFeatureName[];

/** A GPUDevice that reports what goes wrong with it. */
export class GpuDevice {
  readonly device: GPUDevice;
  /** For people: 'NVIDIA H200 (nvidia hopper)'. */
  readonly adapter: string;
  /** SwiftShader, lavapipe and the like: correct, and slower than plain loops on the CPU. */
  readonly software: boolean;
  /** Settles when the device is gone for another reason than `destroy`. */
  readonly lost: Promise<BackendError>;
  #fault: BackendError | undefined;
  #destroyed = false;

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    this.device = device;
    this.adapter = describeAdapter(info);
    this.software = isSoftware(info);
    this.lost = new Promise((resolve) => {
      void device.lost.then(({ message }) => {
        if (this.#destroyed) return;
        this.#fault = lostError(message);
        resolve(this.#fault);
      });
    });
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.#fault ??= classifyError(event.error);
      // The browser's own warning stays in the worker; this one reaches whoever listens to the page.
      console.error(`Uncaptured GPU error: ${event.error.message}`);
    });
  }

  get queue(): GPUQueue {
    return this.device.queue;
  }

  /**
   * Waits for the device. Rejects with the first thing that went wrong since it was made: an error
   * of a kernel is asynchronous, and no result after it can be trusted.
   */
  async settle<T>(work: Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await work;
    } catch (cause) {
      if (cause instanceof Error && cause.constructor.name === 'GPUPipelineError')
        throw this.#fault ?? validationError(cause.message, 'A kernel', cause);
      // Work is refused a moment before `lost` settles.
      await Promise.race([this.lost, new Promise((resolve) => setTimeout(resolve, 500))]);
      throw this.#fault ?? lostError(String(cause), cause);
    }
    if (this.#fault) throw this.#fault;
    return result;
  }

  /**
   * Runs `make`, which must be synchronous since error scopes are a stack, and waits until the
   * device has accepted all of it. `what` names it in the message.
   */
  async guard<T>(what: string, make: () => T): Promise<T> {
    this.device.pushErrorScope('internal');
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    let result: T;
    let errors: Promise<(GPUError | null)[]>;
    try {
      result = make();
    } finally {
      errors = Promise.all([0, 1, 2].map(() => this.device.popErrorScope()));
      errors.catch(() => {}); // awaited below unless `make` threw
    }
    const error = (await this.settle(errors)).find((each) => each !== null);
    if (error) throw classifyError(error, what);
    return result;
  }

  destroy(): void {
    this.#destroyed = true;
    this.device.destroy();
  }
}

/**
 * A device with the largest limits and the optional features of the best adapter.
 * Throws BackendError 'no-adapter' or 'limit'.
 */
export async function requestDevice(gpu: GPU): Promise<GpuDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new BackendError(
      'no-adapter',
      'The browser has WebGPU but offers no graphics adapter.',
      'Update the graphics driver, turn on hardware acceleration in the browser’s settings, and restart the browser.',
    );
  const requiredLimits = Object.fromEntries(wantedLimits.map((limit) => [limit, adapter.limits[limit]]));
  const requiredFeatures = wantedFeatures.filter((feature) => adapter.features.has(feature));
  const descriptor = { label: 'dimmer', requiredLimits, requiredFeatures };
  const device = await adapter.requestDevice(descriptor).catch((cause: unknown) => {
    throw new BackendError(
      'limit',
      `The graphics adapter refused its own limits: ${messageOf(cause)}`,
      'Restart the browser; if it persists, update the browser and the graphics driver.',
      cause,
    );
  });
  return new GpuDevice(device, adapter.info);
}

/** What the browser tells of an adapter: some name the device, some only vendor and family. */
export function describeAdapter({ device, vendor, architecture, description }: GPUAdapterInfo): string {
  let end = device.length;
  while (device[end - 1] === '-') end--;
  const parts = [device.slice(0, end), `${vendor} ${architecture}`.trim(), description];
  const [name = 'unnamed GPU', ...rest] = parts.filter((part) => part !== '');
  return rest.length > 0 ? `${name} (${rest.join(', ')})` : name;
}

export function isSoftware(info: GPUAdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(text);
}

function classifyError(error: GPUError, what = 'A command'): BackendError {
  // By name: in Node the error classes are not globals.
  if (error.constructor.name === 'GPUOutOfMemoryError')
    return new BackendError(
      'out-of-memory',
      `${what}: the graphics adapter has no memory left. ${error.message}`,
      'Lower the memory budget or the batch, load fewer rows, or close other tabs that use the GPU.',
      error,
    );
  return validationError(error.message, what, error);
}

function validationError(message: string, what: string, cause: unknown): BackendError {
  return new BackendError(
    'validation',
    `${what} was refused by the graphics device: ${message}`,
    'This is a defect of Dimmer: choose the CPU backend in the settings, and please report the message.',
    cause,
  );
}

function lostError(message: string, cause?: unknown): BackendError {
  return new BackendError(
    'lost',
    `The graphics device was lost${message ? `: ${message}` : '.'}`,
    'Start the run again; if it happens again, restart the browser or choose the CPU backend.',
    cause,
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
