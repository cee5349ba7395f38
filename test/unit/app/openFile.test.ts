import { beforeEach, describe, expect, test } from 'vitest';
import type { LoadOptions, Preview, Reading } from '../../../src/data/source.ts';
import { WorkerError } from '../../../src/worker/client.ts';
import { type FakeSession, openSession, previewColumn, tinyDataset } from './fakeSession.ts';

const preview: Preview = {
  format: 'table',
  task: 'click',
  columns: [previewColumn('user', 'category', ['ann']), previewColumn('liked', 'label', ['1'])],
  rows: [],
  sizeBytes: 40,
  rolesAreGuessed: true,
  profiled: null,
  labelReading: null,
  warnings: [],
  contents: { files: ['a.zip › x.csv'], encoding: 'windows-1252', columns: null, notes: [] },
};
const several = new WorkerError({
  name: 'DataError',
  message: 'a.zip: it holds several tables.',
  remedy: 'Name it.',
  choices: ['x.csv', 'y.csv'],
});
const choices = {
  roles: null,
  minCount: null,
  maxExamples: 9,
  splitBy: 'hash',
  transforms: null,
  splitCells: [],
  labelRule: null,
  positive: null,
  dateOrder: null,
  decimalMark: null,
} as const;

let session: FakeSession;
let readings: Reading[];
let loaded: LoadOptions[];
let failure: WorkerError | null;
const state = () => session.dimmer.store.getState();

beforeEach(async () => {
  [readings, loaded, failure] = [[], [], null];
  session = await openSession({
    inspect(_, reading = {}) {
      readings.push(reading);
      return failure ? Promise.reject(failure) : Promise.resolve(preview);
    },
    load(file, options) {
      loaded.push(options);
      return Promise.resolve(tinyDataset(file.name));
    },
  });
});

describe('opening a file', () => {
  test('of several tables offers each, and reads the one that is chosen', async () => {
    failure = several;
    await session.dimmer.data.openFile(new File(['…'], 'a.zip'));
    const [{ actions = [] }] = state().notices;
    expect(actions.map(({ label }) => label)).toEqual(['x.csv', 'y.csv']);
    failure = null;
    actions[1].perform();
    await expect.poll(() => state().preview?.reading).toEqual({ entry: 'y.csv' });
    await session.dimmer.data.loadTable(choices);
    expect(loaded).toEqual([expect.objectContaining({ entry: 'y.csv', format: 'table' })]);
  });

  test('in another encoding looks at it again', async () => {
    await session.dimmer.data.openFile(new File(['…'], 'a.csv'));
    await session.dimmer.data.reread({ encoding: 'koi8-r' });
    expect(readings).toEqual([{}, { encoding: 'koi8-r' }]);
    expect(state().preview?.reading).toEqual({ encoding: 'koi8-r' });
  });

  test('keeps the preview, and says in it why a file of the archive cannot be read', async () => {
    await session.dimmer.data.openFile(new File(['…'], 'a.zip'));
    failure = new WorkerError({
      name: 'DataError',
      message: 'no file is called z.csv.',
      remedy: 'Check it.',
    });
    await session.dimmer.data.reread({ entry: 'z.csv' });
    expect(state().preview).toMatchObject({
      reading: {},
      tried: { failure: 'no file is called z.csv. Check it.' },
    });
  });
});
