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

/** Losing two devices within this time means that another one would be lost as well. */
const LOSSES_WITHIN_MS = 60_000;
/** A browser whose graphics process has just died offers no adapter for a moment. */
const REOPEN_TRIES = 6;
const REOPEN_WAIT_MS = 500;

/** Opens backends, keeps them for the next run, and says which one is in use and why. */
export class Backends {
  readonly #makers: BackendMakers;
  readonly #report: (status: BackendStatus) => void;
  readonly #onLost: () => void;
  /** Why the CPU is used if nobody asked for a backend; null as long as WebGPU has not failed. */
  #fallback: Failure | null = null;
  #cpu: Backend | undefined;
  #gpu: Backend | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #reported = '';
  #lostMs = -Infinity;
  /** Devices are lost again and again: only the CPU is used from then on. */
  #isUnreliable = false;

  /** `onLost` is called when the device in use is gone; nothing is open then. */
  constructor(makers: BackendMakers, report: (status: BackendStatus) => void, onLost: () => void) {
    this.#makers = makers;
    this.#report = report;
    this.#onLost = onLost;
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

  /**
   * Opens a backend in place of a device that is gone: a new device, or the CPU where two were lost within a minute or none is there any
   * more.
   */
  async reopen(asked: BackendId | null): Promise<Backend> {
    for (let tries = 0; tries < REOPEN_TRIES && !this.#isUnreliable; tries++) {
      try {
        return this.#use(await this.#openGpu(asked === 'webgpu'), null);
      } catch {
        await new Promise((resolve) => void setTimeout(resolve, REOPEN_WAIT_MS));
      }
    }
    if (!this.#isUnreliable) this.#giveUp('and no other can be opened');
    return this.#use(this.#openCpu(), this.#fallback);
  }

  /** Says that the device of a backend is gone. Once for each is enough, and more often does no harm. */
  lose(backend: Backend): void {
    if (this.#gpu !== backend) return;
    this.#gpu = undefined;
    backend.destroy();
    const nowMs = Date.now();
    if (nowMs - this.#lostMs < LOSSES_WITHIN_MS) this.#giveUp('twice within a minute');
    this.#lostMs = nowMs;
  }

  #giveUp(how: string): void {
    this.#isUnreliable = true;
    this.#fallback = {
      name: 'BackendError',
      message: `The graphics device was lost ${how}, so training goes on on the CPU.`,
      remedy: 'Close other programs that use the GPU, or update its driver; reload the page to try it again.',
    };
  }

  async #open(asked: BackendId | null): Promise<Backend> {
    if (asked === 'cpu') return this.#use(this.#openCpu(), null);
    if (this.#isUnreliable) return this.#use(this.#openCpu(), this.#fallback);
    if (asked === 'webgpu') return this.#use(await this.#openGpu(true), null);
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
    void backend.lost.then(() => {
      if (this.#gpu !== backend) return; // known before
      this.lose(backend);
      this.#onLost();
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
