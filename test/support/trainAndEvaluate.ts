import type { Backend } from '../../src/backend/backend.ts';
import { buildModel, type ModelSpec } from '../../src/model/model.ts';
import type { Tensor } from '../../src/program/tensor.ts';
import { dataTensors, fillData } from './tinyModel.ts';

const STEPS = 12;

/** `state`: the bits of all that outlasts a section, after training, evaluating and training on. */
export async function trainAndEvaluate(backend: Backend, spec: ModelSpec) {
  const program = buildModel(spec);
  const data = backend.createData(dataTensors(program));
  const slots = fillData(program, data, spec);
  const execution = await backend.prepare(program, data, 11);
  const bits = async (tensor: Tensor) => {
    const { buffer } = await execution.read(tensor);
    return new Uint32Array(buffer).join();
  };
  const steps = Array.from({ length: STEPS }, (_, i) => ({
    ...slots[i % slots.length],
    learningRate: 0.01,
    step: i + 1,
    metricSlot: i,
  }));
  execution.run('train', steps.slice(0, 5));
  const trained = await bits(program.prediction);
  execution.run('evaluate', [{ ...steps[0], segments: 0, longSegments: 0 }]);
  const evaluated = await bits(program.prediction);
  execution.run('train', steps.slice(5));
  const lasting = program.tensors.filter(
    ({ base, role }) => !base && (role === 'parameter' || role === 'optimizer-state' || role === 'metric'),
  );
  const contents: [string, string][] = [];
  for (const tensor of lasting) contents.push([tensor.name, await bits(tensor)]);
  const { checkpoint: _, ...bytes } = execution.allocatedBytes;
  execution.destroy();
  data.destroy();
  return { state: { trained, evaluated, contents }, bytes };
}
