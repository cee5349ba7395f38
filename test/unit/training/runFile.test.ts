import { expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { defaultSettings, type Settings } from '../../../src/settings/settings.ts';
import { TrainingError } from '../../../src/training/events/errors.ts';
import { encodeRun, openRun, type SavableRun } from '../../../src/training/weights/runFile.ts';
import { encodeTensors, openTensors } from '../../../src/training/weights/safetensors.ts';
import { trainRun } from '../../../src/training/train.ts';
import { tinyDataset } from './tinyDataset.ts';

const isTable = ({ name }: { readonly name: string }) => /^embedding\..*table\.1$/.test(name);
const blobOf = (pieces: readonly Uint8Array[]) => new Blob(pieces as Uint8Array<ArrayBuffer>[]);

test('safetensors, byte for byte', async () => {
  const values = Float32Array.of(1, -2);
  const bytes = await blobOf(encodeTensors([{ name: 'a', shape: [2, 1], values }], { k: 'v' })).bytes();
  const header = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
  expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
  expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
  expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
});

test('tensors come back as they went, in any order', async () => {
  const tensors = [
    { name: 'a', shape: [3], values: Float32Array.of(0.5, -0, 1e-42) },
    { name: 'empty', shape: [0, 4], values: new Float32Array(0) },
    { name: 'words', shape: [2, 2], values: Uint32Array.of(0, 1, 2 ** 32 - 1, 7) },
  ];
  const file = await openTensors(blobOf(encodeTensors(tensors, {})));
  expect(file.names).toEqual(['a', 'empty', 'words']);
  for (const tensor of tensors.toReversed()) expect(await file.read(tensor.name)).toEqual(tensor);
  await expect(file.read('other')).rejects.toThrow(TrainingError);
});

test('what is no safetensors file, or is torn, is refused', async () => {
  const whole = blobOf(encodeTensors([{ name: 'a', shape: [4], values: new Float32Array(4) }], {}));
  for (const bad of [whole.slice(0, 5), whole.slice(0, 20), new Blob(['label,a,b\n1,2,3\n'])])
    await expect(openTensors(bad)).rejects.toThrow(TrainingError);
  await expect((await openTensors(whole.slice(0, whole.size - 4))).read('a')).rejects.toThrow(TrainingError);
  await expect(openRun(whole)).rejects.toThrow('no run of Dimmer');
});

test.each([
  ['mixed-dimension', 'click'],
  ['quotient-remainder', 'click'],
  ['int8', 'rating'],
  ['mixed-dimension', 'rating'],
] as const)(
  'a run of %s on %s labels is saved with every parameter and its best weights',
  async (method, task) => {
    const dataset = tinyDataset(task);
    const settings: Settings = { ...defaultSettings, method, budget: 500, batch: 48, epochs: 2 };
    let pieces: readonly Uint8Array[] = [];
    let parameters = 0;
    let direct: Float32Array | Uint32Array | undefined;
    const onTrained = async (run: SavableRun): Promise<void> => {
      pieces = await encodeRun(run, 'print');
      const { execution, program } = run;
      parameters = execution.allocatedBytes.parameter;
      const first = program.tensors.find(isTable)!;
      direct = await execution.read(first);
    };
    for await (const event of trainRun({ settings, dataset, backend: createCpuBackend(), onTrained }))
      if (event.kind === 'finished') expect(pieces.length).toBeGreaterThan(0);
    const { run, tensors } = await openRun(blobOf(pieces));
    expect(run.settings.method).toBe(method);
    expect(run.data.fingerprint).toBe('print');
    expect(run.data.fields.map(({ cardinality }) => cardinality)).toEqual(
      dataset.fields.map(({ cardinality }) => cardinality),
    );
    let bytes = 0;
    for (const name of tensors.names) bytes += (await tensors.read(name)).values.byteLength;
    expect(bytes).toBe(parameters);
    const name = tensors.names.find((name) => isTable({ name }))!;
    expect((await tensors.read(name)).values).toEqual(direct);
    const isPlain = method === 'mixed-dimension';
    expect(run.blocks).toHaveLength(isPlain ? dataset.fields.length : 0);
    for (const { table, projection } of run.blocks)
      for (const own of [table, projection]) if (own) expect(tensors.names).toContain(own);
  },
);
