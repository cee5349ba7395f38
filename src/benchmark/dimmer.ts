import { type Backend, BackendError } from '../backend/backend.ts';
import { WebGpuExecution } from '../backend/webgpu/execution.ts';
import { totalBytes } from '../program/memory.ts';
import { LOSS_SLOTS, type Step } from '../program/program.ts';
import { RowIndexBuilder } from '../training/batches/rowIndex.ts';
import { BATCHES, type Contender, type Workload } from './workload.ts';

/** Our own engine on one of its backends, which is destroyed with the contender. */
export async function startDimmer(workload: Workload, backend: Backend): Promise<Contender> {
  const { program, spec, seed, benchmark } = workload;
  const data = backend.createData(program.tensors.filter((tensor) => tensor.role === 'data'));
  const slots = writeBatches(workload, (name, offset, values) => data.write(name, offset, values));
  const execution = await backend.prepare(program, data, seed);
  let done = 0;
  const nextStep = (): Step => {
    const step = done++;
    return {
      ...slots[step % BATCHES],
      count: spec.batch,
      learningRate: benchmark.learningRate,
      step: step + 1,
      metricSlot: step % LOSS_SLOTS,
    };
  };
  return {
    version: backend.adapter,
    allocatedBytes: totalBytes(execution.allocatedBytes),
    async train(count) {
      execution.run('train', Array.from({ length: count }, nextStep));
      const [loss] = await execution.read(program.losses, (done - 1) % LOSS_SLOTS, 1);
      return loss;
    },
    async profile() {
      if (!(execution instanceof WebGpuExecution)) return null;
      return execution.profile('train', nextStep()).catch((error: unknown) => {
        if (error instanceof BackendError && error.failure === 'limit') return null;
        throw error;
      });
    },
    destroy() {
      execution.destroy();
      data.destroy();
      backend.destroy();
    },
  };
}

/** Writes every batch and its row index, which is data too and no part of a step. */
export function writeBatches(
  { program, spec, batches }: Workload,
  write: (name: string, offset: number, values: Uint32Array | Float32Array) => void,
): readonly Pick<Step, 'slot' | 'segments' | 'longSegments'>[] {
  const { ids, numbers, labels, rowIndex } = program.data;
  const builder = new RowIndexBuilder(spec.batch, spec.cardinalities, program.data.lookups);
  return batches.map((batch, slot) => {
    write(ids.name, slot * batch.ids.length, batch.ids);
    if (numbers) write(numbers.name, slot * batch.numbers.length, batch.numbers);
    write(labels.name, slot * batch.labels.length, batch.labels);
    builder.build(batch.ids, spec.batch);
    const { occurrences, starts, long, segments, longSegments } = builder;
    write(rowIndex.occurrences.name, slot * occurrences.length, occurrences);
    write(rowIndex.starts.name, slot * starts.length, starts);
    write(rowIndex.long.name, slot * long.length, long);
    return { slot, segments, longSegments };
  });
}
