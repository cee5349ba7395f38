import type { Backend, BackendError, DeviceData, Execution } from '../../../src/backend/backend.ts';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import type { AllocatedBytes } from '../../../src/program/memory.ts';
import type { Program } from '../../../src/program/program.ts';

/** The CPU backend, with a count of what was asked of it and a device that can be lost. */
export class RecordingBackend implements Backend {
  readonly kind: Backend['kind'];
  readonly adapter = 'a recorded CPU';
  maxTensorBytes: number;
  readonly lost: Promise<BackendError>;
  /** Names of data tensors in the order they were written to. */
  readonly writes: string[] = [];
  /** Steps of every run('train'). */
  readonly slices: number[] = [];
  liveData = 0;
  liveExecutions = 0;
  liveAttachments = 0;
  destroyed = false;
  readonly #cpu = createCpuBackend();
  #lose: (error: BackendError) => void = () => {};
  #fault: BackendError | undefined;

  constructor(kind: Backend['kind'] = 'cpu') {
    this.kind = kind;
    this.maxTensorBytes = this.#cpu.maxTensorBytes;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  lose(error: BackendError): void {
    this.#fault = error;
    this.#lose(error);
  }

  createData(tensors: Parameters<Backend['createData']>[0]): DeviceData {
    const data = this.#cpu.createData(tensors);
    const write = data.write.bind(data);
    this.liveData++;
    data.write = (name, offset, values) => {
      this.writes.push(name);
      write(name, offset, values);
    };
    data.destroy = () => {
      this.liveData--;
    };
    return data;
  }

  async prepare(...request: Parameters<Backend['prepare']>): Promise<Execution> {
    const execution = await this.#cpu.prepare(...request);
    const run = execution.run.bind(execution);
    const read = execution.read.bind(execution);
    this.liveExecutions++;
    let isLive = true;
    execution.run = (section, steps) => {
      if (section === 'train') this.slices.push(steps.length);
      run(section, steps);
    };
    execution.read = async (tensor, offset, length) => {
      const values = await read(tensor, offset, length);
      if (this.#fault) throw this.#fault;
      return values;
    };
    const attach = execution.attach.bind(execution);
    execution.attach = async (addition) => {
      const attachment = await attach(addition);
      this.liveAttachments++;
      attachment.destroy = () => {
        this.liveAttachments--;
      };
      return attachment;
    };
    execution.destroy = () => {
      if (this.liveAttachments > 0) throw new Error('What is attached must be destroyed first.');
      if (isLive) this.liveExecutions--;
      isLive = false;
    };
    return execution;
  }

  footprint(program: Program): AllocatedBytes {
    return this.#cpu.footprint(program);
  }

  destroy(): void {
    this.destroyed = true;
  }
}
