import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeSpectrum } from '../../../src/app/spectrum/spectrumData.ts';
import { describeAlpha, describeDims, describeMoment } from '../../../src/app/spectrum/spectrumWords.ts';
import { defaultSettings } from '../../../src/settings/settings.ts';
import { type FakeSession, openSession, tinyDataset } from './fakeSession.ts';
import { makePicture, makeReport } from './pictures.ts';

let session: FakeSession;
beforeEach(async () => {
  vi.useFakeTimers();
  session = await openSession();
});
afterEach(() => vi.useRealTimers());

const watched = () =>
  session.engine.requests.flatMap((request) => (request.type === 'monitor-spectrum' ? [request.query] : []));
const runId = () => session.engine.runs().at(-1)!.runId;
const spectra = () => session.dimmer.live.getState().spectra;
const show = (id: string, ...fields: number[]) =>
  fields.forEach((field) =>
    session.engine.reply({ type: 'spectrum', runId: id, snapshot: makePicture({ field }) }),
  );
/** What is drawn has caught up with what came. */
const flushed = () => vi.advanceTimersByTimeAsync(200);

describe('the engine is told', () => {
  test('which field is open, the largest first, and when none is', () => {
    const { ui } = session.dimmer;
    expect(watched()).toEqual([]);
    ui.showSpectrum(null);
    ui.showSpectrum(1); // which it is
    ui.showSpectrum(0);
    ui.show({ spectrumIsExact: true });
    ui.showSpectrum(1);
    ui.show({ dimsView: 'bars' });
    ui.show({ dimsView: 'table' });
    expect(watched()).toEqual([
      { field: 1, exact: false },
      { field: 0, exact: false },
      { field: 0, exact: true },
      { field: 1, exact: false },
      null,
    ]);
  });

  test('nothing while nobody sees the tab', () => {
    const { ui } = session.dimmer;
    ui.show({ isInSight: false });
    ui.showSpectrum(1);
    expect(watched()).toEqual([]);
    ui.show({ isInSight: true });
    ui.show({ isInSight: false });
    expect(watched()).toEqual([{ field: 1, exact: false }, null]);
  });

  test('the field under the pointer, where there is one', () => {
    session.dimmer.ui.hoverField(0);
    session.dimmer.ui.showSpectrum(null);
    expect(watched()).toEqual([{ field: 0, exact: false }]);
  });

  test('again of other data, whose largest field is another question', async () => {
    session.dimmer.ui.showSpectrum(0);
    await session.dimmer.data.openSample('ratings');
    const types = session.engine.requests.map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['dataset', 'monitor-spectrum', 'run']);
    expect(watched().at(-1)).toEqual({ field: 1, exact: false });
  });
});

describe('pictures', () => {
  test('of the run in progress are kept by field, those of the run before until there is one', async () => {
    const first = runId();
    show(first, 0);
    show(first, 1, 0);
    await flushed();
    expect([...spectra()!.snapshots.keys()]).toEqual([0, 1]);
    expect(spectra()!.run).toMatchObject({ id: first, name: 'Mixed dimension α 0.30' });
    session.dimmer.settings.change({ alpha: 0.4 });
    await flushed();
    expect(spectra()!.run.id).toBe(first);
    show(first, 1); // of a run that was replaced
    show(runId(), 1);
    await flushed();
    expect(spectra()!.run.name).toBe('Mixed dimension α 0.40');
    expect([...spectra()!.snapshots.keys()]).toEqual([1]);
  });

  test('are forgotten with the data they are of', async () => {
    show(runId(), 0);
    await session.dimmer.data.openSample('ratings');
    await flushed();
    expect(spectra()).toBeNull();
  });
});

describe('a finished run', () => {
  const looks = () =>
    session.engine.requests.flatMap((request) => (request.type === 'measure-saved' ? [request] : []));
  const settled = () => vi.advanceTimersByTimeAsync(0);
  const file = new Blob(['weights']);
  const finish = async (): Promise<string> => {
    const id = runId();
    session.engine.finish(id, { bestStep: 60 }, file);
    await settled();
    return id;
  };
  const best = (id: string, typicalError = 0.1) =>
    session.engine.reply({
      type: 'spectrum',
      runId: id,
      snapshot: makePicture({ step: 60, isBest: true, report: makeReport({ typicalError }) }),
    });

  test('is looked at by its model when it was not while it trained', async () => {
    const id = await finish();
    expect(looks()).toEqual([]);
    session.dimmer.ui.showSpectrum(null);
    await settled();
    const watched = { field: 1, exact: false };
    expect(looks()).toEqual([
      { type: 'measure-saved', runId: id, model: { file, step: 60 }, query: watched },
    ]);
    best(id);
    await flushed();
    expect(spectra()!.run.id).toBe(id);
    expect(spectra()!.snapshots.get(1)).toMatchObject({ step: 60 });
  });

  test('is not looked at again, but exactly, and at another field', async () => {
    session.dimmer.ui.showSpectrum(1);
    best(runId());
    await finish();
    expect(looks()).toEqual([]);
    session.dimmer.ui.show({ spectrumIsExact: true });
    session.dimmer.ui.showSpectrum(0);
    await settled();
    session.dimmer.ui.showSpectrum(1);
    await settled();
    expect(looks().map(({ query }) => query)).toEqual([{ field: 0, exact: false }]);
    session.dimmer.ui.show({ spectrumIsExact: true });
    await settled();
    expect(looks().at(-1)!.query).toEqual({ field: 1, exact: true });
  });

  test('can be looked at while another trains, whose pictures wait', async () => {
    const id = await finish();
    session.dimmer.runs.start();
    session.dimmer.ui.showSpectrum(null);
    expect(watched()).toEqual([{ field: 1, exact: false }]);
    session.dimmer.ui.show({ spectrumRun: id });
    await settled();
    expect([watched().at(-1), looks().map((look) => look.runId)]).toEqual([null, [id]]);
    show(runId(), 1);
    await flushed();
    expect(spectra()).toBeNull();
    session.dimmer.runList.remove([id]);
    expect(watched().at(-1)).toEqual({ field: 1, exact: false });
    show(runId(), 1);
    await flushed();
    expect(spectra()!.run.id).toBe(runId());
  });

  test('whose model went meanwhile says so', async () => {
    const id = await finish();
    session.models.files.clear();
    session.dimmer.ui.showSpectrum(1);
    await flushed();
    expect(looks()).toEqual([]);
    expect(spectra()!.run.id).toBe(id);
    expect(spectra()!.snapshots.get(1)!.problem).toContain('no longer kept. Train the run again');
  });

  test('on other data is out of sight', async () => {
    const id = await finish();
    session.dimmer.ui.show({ spectrumRun: id });
    await session.dimmer.data.openSample('ratings');
    session.dimmer.ui.showSpectrum(null);
    await settled();
    expect(session.dimmer.store.getState().spectrumRun).toBeNull();
    expect(looks()).toEqual([]);
  });
});

test('names of values go to the engine and not into the page’s state', async () => {
  const names = { bytes: new Uint8Array(8), ends: new Uint32Array(4) };
  const [small, large] = tinyDataset().fields;
  const fields = [{ ...small, names }, large];
  const named = await openSession({ sample: () => Promise.resolve({ ...tinyDataset(), fields }) });
  const sent = named.engine.requests.find((request) => request.type === 'dataset')!;
  expect(sent.dataset.fields[0].names).toBe(names);
  expect(named.dimmer.store.getState().dataset!.fields[0]).not.toHaveProperty('names');
});

describe('what is drawn', () => {
  test('is the singular values that are more than rounding, each on its own', () => {
    const report = makeReport({
      singularValues: [4, 2, 1e-12],
      rank: 2,
      weightedValues: [0.4, 1e-14, 0],
      weightedRank: 1,
      dims: [6],
    });
    const { plain, weighted, x, y } = composeSpectrum(report);
    expect([plain.values, weighted.values]).toEqual([[4, 2], [0.4]]);
    expect(x[1]).toBeGreaterThan(6);
    expect(y[0]).toBeLessThan(0.4);
    expect(y[1]).toBeGreaterThan(4);
  });

  test('has error bars of σ as a rule and of σ² at most, and none where it is exact', () => {
    const sketched = composeSpectrum(
      makeReport({ singularValues: [2], typicalError: 0.1, distortion: 0.44 }),
    );
    expect(sketched.plain.typical[0][1]).toBeCloseTo(2.2, 12);
    expect(sketched.plain.bounds[0][1]).toBeCloseTo(2 * Math.sqrt(1.44), 12);
    const hopeless = composeSpectrum(makeReport({ singularValues: [2], typicalError: 0.1, distortion: 1.3 }));
    expect(hopeless.plain.bounds[0][0]).toBe(0);
    const exact = composeSpectrum(makeReport({ singularValues: [2], typicalError: 0, distortion: 0 }));
    expect(exact.plain.bounds[0]).toEqual([2, 2]);
  });

  test('is joined by the line of its β, which a power law lies on', () => {
    const singularValues = [1, 2, 3, 4].map((k) => 3 * k ** -0.5);
    const { fitted } = composeSpectrum(makeReport({ singularValues, rank: 4, beta: 0.5 }));
    expect(fitted![0]).toBeCloseTo(3, 10);
    expect(fitted![1]).toBeCloseTo(1.5, 10);
    expect(composeSpectrum(makeReport({ beta: undefined })).fitted).toBeNull();
  });
});

describe('in words', () => {
  test('a picture says of which run and step it is, and how close', () => {
    const report = makeReport({ typicalError: 0.125, rows: 4076 });
    expect(describeMoment('Uniform', makePicture({ step: 1240, report }))).toBe(
      'Uniform · step 1,240 · sketched: σ within 13 % as a rule',
    );
    const exact = makeReport({ typicalError: 0, rows: 4076 });
    expect(describeMoment('Uniform', makePicture({ step: 564, isBest: true, report: exact }))).toBe(
      'Uniform · best weights, of step 564 · exact, from all 4,076 rows',
    );
    expect(describeMoment('Full, truncated', makePicture({ step: 0, isBest: true, report: null }))).toBe(
      'Full, truncated · weights before any step',
    );
  });

  test('the α that is suggested stands beside the one in use, if there is one', () => {
    const report = makeReport({ suggestedAlpha: 0.638 });
    expect(describeAlpha(report, { ...defaultSettings, alpha: 0.3 })).toBe('0.64 · in use 0.30');
    expect(describeAlpha(report, { ...defaultSettings, method: 'uniform' })).toBe(
      '0.64 · in use none, uniform',
    );
    expect(describeAlpha(report, { ...defaultSettings, allocation: 'spectral' })).toContain('by spectra');
    expect(describeAlpha(makeReport({ suggestedAlpha: 1 }), defaultSettings)).toContain('1.00, capped');
  });

  test('many dims are told as a range', () => {
    expect([describeDims([7]), describeDims([9, 7])]).toEqual(['7', '9, 7']);
    expect(describeDims([9, 7, 5, 3, 3])).toBe('9 to 3 in 5 blocks');
  });
});
