import type { Backend } from '../backend/backend.ts';
import type { BackendId } from '../settings/settings.ts';
import { toFailure } from './failure.ts';
import type { BackendStatus, Failure } from './protocol.ts';

export interface BackendMakers {
  cpu(): Backend;
  /** Rejects with BackendError; if `allowSoftware` is false, also for a software adapter. */
  webgpu(allowSoftware: boolean): Promise<Backend>;
}

const remedy = 'Reload the page; if it happens again, copy the diagnostics and report them.';

/** Opens backends, keeps them for the next run, and says which one is in use and why. */
export class Backends {
  readonly #makers: BackendMakers;
  readonly #report: (status: BackendStatus) => void;
  /** Why the CPU is used if nobody asked for a backend; null as long as WebGPU has not failed. */
  #fallback: Failure | null = null;
  #cpu: Backend | undefined;
  #gpu: Backend | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #reported = '';

  constructor(makers: BackendMakers, report: (status: BackendStatus) => void) {
    this.#makers = makers;
    this.#report = report;
  }

  /**
   * `asked` null: opens WebGPU if there is a hardware adapter, otherwise the CPU. 'webgpu': opens it on any adapter, or rejects with
   * BackendError.
   */
  open(asked: BackendId | null): Promise<Backend> {
    // One after another: two at once would make two devices.
    const opened = this.#opening.then(() => this.#open(asked));
    this.#opening = opened.catch(() => {});
    return opened;
  }

  async #open(asked: BackendId | null): Promise<Backend> {
    if (asked === 'webgpu') return this.#use(await this.#openGpu(true), null);
    if (asked === 'cpu') return this.#use(this.#openCpu(), null);
    if (this.#fallback) return this.#use(this.#openCpu(), this.#fallback);
    try {
      return this.#use(await this.#openGpu(false), null);
    } catch (error) {
      this.#fallback = toFailure(error, remedy);
      return this.#use(this.#openCpu(), this.#fallback);
    }
  }

  /** Throws a device away after a failure. The next `open` makes a new one. */
  discard(backend: Backend): void {
    if (backend !== this.#gpu) return;
    this.#gpu = undefined;
    backend.destroy();
  }

  #openCpu(): Backend {
    this.#cpu ??= this.#makers.cpu();
    return this.#cpu;
  }

  async #openGpu(allowSoftware: boolean): Promise<Backend> {
    if (this.#gpu) return this.#gpu;
    const backend = await this.#makers.webgpu(allowSoftware);
    this.#gpu = backend;
    void backend.lost.then((error) => {
      if (this.#gpu === backend) this.#gpu = undefined;
      this.#fallback = toFailure(error, remedy);
      this.#use(this.#openCpu(), this.#fallback);
    });
    return backend;
  }

  #use(backend: Backend, fallback: Failure | null): Backend {
    const status: BackendStatus = { kind: backend.kind, adapter: backend.adapter, fallback };
    const key = JSON.stringify(status);
    if (key !== this.#reported) this.#report(status);
    this.#reported = key;
    return backend;
  }
}
