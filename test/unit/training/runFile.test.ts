import { beforeAll, describe, expect, test } from 'vitest';
import { createCpuBackend } from '../../../src/backend/cpu/backend.ts';
import { NamePacker, readName } from '../../../src/data/dataset.ts';
import { DeviceBatchesCache } from '../../../src/training/batches/deviceBatches.ts';
import { TrainingError } from '../../../src/training/events/errors.ts';
import { openRun } from '../../../src/training/weights/runFile.ts';
import { loadWeights } from '../../../src/training/weights/trainedWeights.ts';
import { openTensors } from '../../../src/training/weights/safetensors.ts';
import { addVocabulary } from '../../../src/training/weights/vocabulary.ts';
import { saveTinyRun } from '../../support/savedRuns.ts';
import {
  blobOf,
  joinTensors,
  signHeader,
  splitTensors,
  type TensorParts,
  withoutChecksums,
} from '../../support/tensorFiles.ts';
import { tinyDataset } from './tinyDataset.ts';

/** The name in the header that is no tensor's. */
const METADATA = '__metadata__';

const isTable = (name: string) => /^embedding\..*table\.1$/.test(name);

test.each([
  ['mixed-dimension', 'click'],
  ['quotient-remainder', 'click'],
  ['int8', 'rating'],
  ['mixed-dimension', 'rating'],
] as const)(
  'a run of %s on %s labels is saved with every parameter and its best weights',
  async (method, task) => {
    const dataset = tinyDataset(task);
    const { fields } = dataset;
    let parameters = 0;
    let direct: Float32Array | Uint32Array | undefined;
    const file = await saveTinyRun({ method, budget: 500 }, dataset, async ({ execution, program }) => {
      parameters = execution.allocatedBytes.parameter;
      direct = await execution.read(program.tensors.find(({ name }) => isTable(name))!);
    });
    const { run, tensors } = await openRun(blobOf(file));
    expect(run.settings.method).toBe(method);
    expect(run.data.fingerprint).toBe('print');
    expect(run.data.fields).toEqual(fields.map(({ name, cardinality }) => ({ name, cardinality })));
    const names = [...tensors.entries.keys()];
    let bytes = 0;
    for (const name of names) bytes += (await tensors.read(name)).values.byteLength;
    expect(bytes).toBe(parameters);
    expect((await tensors.read(names.find(isTable)!)).values).toEqual(direct);
    expect(run.blocks).toHaveLength(method === 'mixed-dimension' ? fields.length : 0);
    for (const { table, projection } of run.blocks)
      for (const own of [table, projection]) if (own) expect(names).toContain(own);
  },
);

/** The parts of a file of an earlier version, with other names of tensors. */
function renamed(file: Uint8Array, from: string, to: string): TensorParts {
  const { header, data } = splitTensors(file);
  const plain = withoutChecksums(header).replace('dimmer-run-2', 'dimmer-run-1');
  return { header: plain.replaceAll(from, to), data };
}

describe('a run file', () => {
  let saved = new Uint8Array(0);
  beforeAll(async () => {
    saved = await saveTinyRun({ method: 'mixed-dimension', budget: 200, alpha: 0.5 });
  });

  /** As an earlier version would have written it: without checksums. */
  const before = (header: string): string => withoutChecksums(header).replace('dimmer-run-2', 'dimmer-run-1');
  const fileOf = (header: string, { data } = splitTensors(saved)): Blob =>
    blobOf(joinTensors({ header, data }));

  /** The saved run with another description, whole and signed. */
  function redescribed(change: (run: any) => void): Blob {
    const header = JSON.parse(splitTensors(saved).header);
    const run = JSON.parse(header[METADATA].run);
    change(run);
    header[METADATA].run = JSON.stringify(run);
    return fileOf(signHeader(JSON.stringify(header)));
  }

  test('of an earlier version opens without checksums, one of this version does not', async () => {
    const { header } = splitTensors(saved);
    const whole = await openRun(blobOf(saved));
    const old = await openRun(fileOf(before(header)));
    // Its fingerprint was computed otherwise.
    expect(old.run).toEqual({ ...whole.run, data: { ...whole.run.data, fingerprint: null } });
    for (const name of whole.tensors.entries.keys())
      expect(await old.tensors.read(name)).toEqual(await whole.tensors.read(name));
    await expect(openRun(fileOf(withoutChecksums(header)))).rejects.toThrow(/checksum is missing/);
  });

  test('says how lines become examples, and names the values of the fields whose names were kept', async () => {
    const dataset = tinyDataset('click');
    const [first, second, third] = dataset.fields;
    const nameOf = (id: number): string => (id === first.rareId ? '' : `größer ${id}`);
    const packer = new NamePacker(first.cardinality);
    for (let id = 0; id < first.cardinality; id++) packer.add(nameOf(id));
    const names = packer.pack();
    const fields = [{ ...first, names }, second, third];
    const file = await saveTinyRun({ method: 'full', budget: null }, { ...dataset, fields });
    const opened = await openRun(blobOf(file));
    expect(opened.run.data.encoding).toEqual({
      format: 'sample',
      task: 'click',
      numericColumns: [
        { name: 'number 0', transform: { kind: 'log' } },
        { name: 'number 1', transform: { kind: 'log' } },
      ],
      rareIds: [6, 12, 39],
      minCount: 1,
      splitBy: 'hash',
    });
    const read = (await opened.vocabulary(0))!;
    expect(Array.from({ length: 7 }, (_, id) => readName(read, id))).toEqual(
      Array.from({ length: 7 }, (_, id) => nameOf(id)),
    );
    expect(await opened.vocabulary(1)).toBeUndefined();
    expect([...opened.tensors.entries.keys()].filter((name) => name.startsWith('vocabulary'))).toEqual([]);
    const target = { dataset, backend: createCpuBackend(), batchCache: new DeviceBatchesCache() };
    expect((await loadWeights(opened, target)).allocation.method).toBe('full');

    const damaged = await openRun(
      blobOf(joinTensors(renamed(file, '"vocabulary.0.ends"', '"vocabulary.1.ends"'))),
    );
    await expect(damaged.vocabulary(0)).rejects.toThrow(/holds no tensor vocabulary\.0\.ends/);
    const other = await openRun(blobOf(joinTensors(renamed(file, '"vocabulary.0.', '"vocabulary.1.'))));
    await expect(other.vocabulary(1)).rejects.toThrow(
      'of field 1 in the file are not one for each of its 13 rows',
    );
  });

  test('opens where data have decided what nobody could ask for: a heavy penalty for wide labels', async () => {
    const dataset = tinyDataset('rating');
    const labels = dataset.labels.map((label) => 1000 * label);
    const wide = { ...dataset, labels, labelMean: 1000 * dataset.labelMean };
    const file = await saveTinyRun({ method: 'uniform', learningRate: null }, wide);
    expect((await openRun(blobOf(file))).run.settings.l2).toBeGreaterThan(10);
  });

  test('without settings that came later has their defaults', async () => {
    const file = redescribed(({ settings }) => delete settings.postTraining);
    expect((await openRun(file)).run.settings.postTraining).toBe('none');
  });

  test('with NaN or infinity in a table opens, but the table is refused by name', async () => {
    const { header, data } = splitTensors(saved);
    const { table } = (await openRun(blobOf(saved))).run.blocks[1];
    const { begin } = (await openTensors(blobOf(saved))).entries.get(table)!;
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      const changed = data.slice();
      new DataView(changed.buffer).setFloat32(begin + 4, value, true);
      const { tensors } = await openRun(fileOf(before(header), { header, data: changed }));
      await expect(tensors.read(table)).rejects.toThrow(`element 1 of tensor “${table}” is ${value}`);
      await expect(
        (await openRun(fileOf(header, { header, data: changed }))).tensors.read(table),
      ).rejects.toThrow(`damaged: tensor “${table}”`);
    }
  });

  test.each<[string, (run: any) => void, RegExp]>([
    ['no row for rare values', ({ data }) => (data.encoding.rareIds[1] = 13), /no rows for rare values/],
    ['no description', (run) => Object.keys(run).forEach((key) => delete run[key]), /settings is missing/],
    ['an unknown setting', ({ settings }) => (settings.magic = 1), /this version knows no setting “magic”/],
    ['a setting out of range', ({ settings }) => (settings.alpha = 7), /Temperature α \(alpha\) cannot be 7/],
    ['an unknown method', ({ settings }) => (settings.method = 'constructor'), /cannot be “constructor”/],
    [
      'an allocation of another method',
      ({ allocation }) => (allocation.method = 'x'),
      /allocation\.method is "x"/,
    ],
    ['a fractional D', ({ allocation }) => (allocation.baseDim = 3.5), /allocation\.baseDim is 3\.5/],
    ['another D', ({ allocation }) => allocation.baseDim++, /do not become vectors/],
    ['a dim that is null', ({ allocation }) => (allocation.dims[0] = null), /allocation\.dims\.0 is null/],
    ['a field without a name', ({ data }) => delete data.fields[1].name, /data\.fields\.1\.name is missing/],
    [
      'fewer rows',
      ({ data }) => Object.assign(data, { encoding: null }).fields[0].cardinality--,
      /block 0 has ids that its field has not/,
    ],
    ['a block of no field', ({ blocks }) => (blocks[0].field = 99), /block 0 has ids/],
    ['a block twice', ({ blocks }) => blocks.push(blocks[0]), /block 3 has ids .* another block has/],
    ['a table that is not there', ({ blocks }) => (blocks[1].table = 'x'), /“x” is no matrix/],
    ['a table that is no matrix', ({ blocks }) => (blocks[1].table = 'top.0.bias'), /is no matrix/],
  ])('with %s is refused', async (_, change, problem) => {
    const error = await openRun(redescribed(change)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TrainingError);
    expect((error as Error).message).toMatch(problem);
  });

  test('with tensors of other types, or of another program, is refused', async () => {
    const other = { x: { dtype: 'I32', shape: [1], data_offsets: [0, 4] } };
    const of = (metadata: object): Blob =>
      blobOf(
        joinTensors({
          header: JSON.stringify({ [METADATA]: metadata, ...other }),
          data: new Uint8Array(4),
        }),
      );
    await expect(openRun(of({}))).rejects.toThrow('no run of Dimmer');
    await expect(openRun(of({ format: 'dimmer-run-1', run: '{}' }))).rejects.toThrow(
      /“x” of the file is I32/,
    );
  });
});

test('a file without the values of the fields is the one with them once they are added', async () => {
  const dataset = tinyDataset('click');
  const fields = dataset.fields.map((field) => {
    const packer = new NamePacker(field.cardinality);
    for (let id = 0; id < field.cardinality; id++) packer.add(id === field.rareId ? '' : `value ${id}`);
    return { ...field, names: packer.pack() };
  });
  const bare = blobOf(await saveTinyRun({ method: 'full', budget: null }, dataset));
  const whole = blobOf(await saveTinyRun({ method: 'full', budget: null }, { ...dataset, fields }));
  const added = await addVocabulary(bare, fields);
  const [one, other] = [await openTensors(added), await openTensors(whole)];
  expect([...one.entries.keys()].toSorted()).toEqual([...other.entries.keys()].toSorted());
  for (const name of one.entries.keys()) expect(await one.read(name)).toEqual(await other.read(name));
  expect(await addVocabulary(whole, fields)).toBe(whole);
});
