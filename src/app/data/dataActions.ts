import type { WarningKind } from '../../data/dataset.ts';
import type { SampleId } from '../../data/load.ts';
import { defaultLoadOptions, type FileSet, type LoadOptions, type Reading } from '../../data/source.ts';
import { sendDataset, WorkerError } from '../../worker/client.ts';
import type { DatasetSummary, Failure, LoadedDataset } from '../../worker/protocol.ts';
import { readDrop } from './readDrop.ts';
import { createKeptActions, type KeptActions } from './keptActions.ts';
import type { KeptDataset, LoadChoices, PendingTable } from './state.ts';
import { emptyHistory } from '../sizes/state.ts';
import { decideShownDims } from '../dims/decideShownDims.ts';
import { formatCount, pluralize } from '../shared/format.ts';
import type { Context } from '../context.ts';
import { addNotice, reportError } from '../shared/notices.ts';
import type { RunActions } from '../runs/runActions.ts';

/** Files of an archive that are offered as buttons. */
const mostChoices = 6;

/** Said in the dialog of the data set alone: they hold for most files. */
const quietWarnings: ReadonlySet<WarningKind> = new Set(['random-split', 'rare-label']);

export interface DataActions {
  openSample(sample: SampleId): Promise<void>;
  /** Loads a known format at once; for a table, asks the user for the roles of its columns. */
  openFile(file: File | FileSet, reading?: Reading): Promise<void>;
  /** The same of files and folders that were dropped. */
  openDrop(transfer: DataTransfer): Promise<void>;
  openText(text: string): Promise<void>;
  /** Looks at the pending table again: in another encoding, or another file of the archive. */
  reread(reading: Reading): Promise<void>;
  loadTable(choices: LoadChoices): Promise<void>;
  /** Opens a data set that is kept in this browser. */
  reopen(kept: Pick<KeptDataset, 'file' | 'name'>): Promise<void>;
  readonly kept: KeptActions;
  cancel(): void;
}

export function createDataActions(context: Context, runs: RunActions): DataActions {
  const { store, engine, loader } = context;
  let abort = new AbortController();
  const keptData = createKeptActions(context);

  /** Shows progress while `work` runs and the error if it fails. The data loaded before stays. */
  async function attempt(name: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    abort.abort();
    const mine = (abort = new AbortController());
    store.setState({ loading: { name, progress: null }, preview: null });
    try {
      await work(mine.signal);
    } catch (error) {
      if (!mine.signal.aborted) reportError(context, error);
    } finally {
      if (abort === mine) store.setState({ loading: null });
    }
  }

  async function load(file: File | FileSet, options: LoadOptions, signal: AbortSignal): Promise<void> {
    const dataset = await loader.load(
      file,
      { ...options, keepNames: true },
      (progress) => store.setState({ loading: { name: file.name, progress } }),
      signal,
      (failure) => sayNotKept(file.name, failure),
    );
    void keptData.protect().then(keptData.refresh);
    await adopt(dataset);
  }

  function sayNotKept(name: string, { message, remedy }: Failure): void {
    const title = `${name} will not be here after a reload. ${message}`;
    addNotice(context, { kind: 'warning', title, remedy, diagnostics: false });
  }

  async function adopt(dataset: LoadedDataset): Promise<void> {
    const { settings, dataset: before } = store.getState();
    // Budget and model are chosen for one data set; those of a link apply to the first one that is opened.
    const kept = before ? { ...settings, budget: null, model: null, fieldMethods: '' } : settings;
    const summary = summarize(dataset);
    sendDataset(engine, dataset);
    runs.forget('data-changed');
    store.setState({
      dataset: summary,
      datasetKey: summary.fingerprint,
      settings: kept,
      editingFrom: null,
      history: emptyHistory,
      hoveredField: null,
      spectrumField: null,
      spectrumRun: null,
      spectrumIsExact: false,
      hoveredRuns: [],
      ...decideShownDims({ ...store.getState(), settings: kept, dataset: summary }),
    });
    sayWhatWasLeftOut(summary);
    await runs.begin();
  }

  /** Says what was skipped or sampled; the dialog tells the details. */
  function sayWhatWasLeftOut({ report, name, examples }: DatasetSummary): void {
    const skipped = report.skipped.reduce((sum, { count }) => sum + count, 0);
    const parts: string[] = [];
    if (skipped > 0) parts.push(`${pluralize(skipped, 'line')} skipped (${report.skipped[0].reason})`);
    if (report.sampled)
      parts.push(`${formatCount(examples)} of ${formatCount(report.linesRead)} lines sampled at random`);
    const warnings = report.warnings.filter(({ kind }) => !quietWarnings.has(kind));
    if (warnings.length > 0) parts.push(warnings[0].message.replace(/\.$/, ''));
    if (warnings.length > 1) parts.push(`${pluralize(warnings.length - 1, 'more warning')}`);
    if (parts.length === 0) return;
    addNotice(context, {
      kind: 'info',
      title: `${name}: ${parts.join('; ')}.`,
      remedy: warnings[0]?.remedy ?? '',
      diagnostics: false,
      actions: [{ label: 'Details', perform: () => store.setState({ dialog: 'dataset' }) }],
    });
  }

  async function open(file: File | FileSet, signal: AbortSignal, reading: Reading = {}): Promise<void> {
    try {
      const preview = await loader.inspect(file, reading, signal);
      if (preview.rolesAreGuessed) store.setState({ preview: { file, preview, reading, tried: null } });
      else await load(file, { ...defaultLoadOptions, ...reading }, signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof WorkerError) || error.choices.length === 0) throw error;
      offerChoices(file, reading, error);
    }
  }

  /** Where the data is to blame, the dialog comes back with what was chosen, and says there why it cannot be. */
  async function comingBack(
    pending: PendingTable,
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted || !(error instanceof WorkerError) || error.name !== 'DataError') throw error;
      const failure = `${error.message} ${error.remedy}`;
      store.setState({
        preview: { ...pending, tried: { choices: pending.tried?.choices ?? null, failure } },
      });
    }
  }

  /** Says that several files are in it, with a button for each. */
  function offerChoices(file: File | FileSet, reading: Reading, { message, choices }: WorkerError): void {
    addNotice(context, {
      kind: 'error',
      title: message,
      remedy: 'Choose the one that you mean.',
      diagnostics: false,
      actions: choices.slice(0, mostChoices).map((entry) => ({
        label: entry,
        perform: () => void openFile(file, { ...reading, entry }),
      })),
    });
  }

  const openFile = (file: File | FileSet, reading?: Reading) =>
    attempt(file.name, (signal) => open(file, signal, reading));

  return {
    openSample: (sample) =>
      attempt(`Sample: ${sample}`, async (signal) => {
        const dataset = await loader.sample(sample, signal);
        store.setState({ sample });
        await adopt(dataset);
      }),
    openFile,
    openDrop(transfer) {
      const reading = readDrop(transfer);
      return attempt('dropped files', async (signal) => {
        const file = await reading;
        signal.throwIfAborted();
        if (file) await open(file, signal);
      });
    },
    async reread(reading) {
      const pending = store.getState().preview;
      if (!pending) return;
      const { file } = pending;
      await attempt(file.name, (signal) => comingBack(pending, signal, () => open(file, signal, reading)));
    },
    openText: (text) => openFile(new File([text], 'pasted text', { type: 'text/plain' })),
    async loadTable(choices) {
      const pending = store.getState().preview;
      if (!pending) return;
      const { file, reading } = pending;
      await attempt(file.name, (signal) =>
        comingBack({ ...pending, tried: { choices, failure: '' } }, signal, () =>
          load(file, { ...choices, ...reading, format: 'table' }, signal),
        ),
      );
    },
    reopen: ({ file, name }) => attempt(name, async (signal) => adopt(await loader.reopen(file, signal))),
    kept: keptData,
    cancel() {
      abort.abort();
      store.setState({ loading: null, preview: null });
    },
  };
}

/** The data set without examples and value names, whose memory is transferred to the engine. */
function summarize(dataset: LoadedDataset): DatasetSummary {
  const { name, format, task, numericColumns, examples, splits, labelMean } = dataset;
  const { bestPossible, planted, report, fingerprint } = dataset;
  const fields = dataset.fields.map(({ names: ____, ...field }) => field);
  const always = { name, format, task, fields, numericColumns, examples, splits, labelMean };
  return { ...always, report, fingerprint, bestPossible, planted };
}
