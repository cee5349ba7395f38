import { fingerprintOf } from '../data/fingerprint.ts';
import type { SearchRun } from '../search/search.ts';
import type { Settings } from '../settings/settings.ts';
import type { ComparisonLine } from './comparisonLine.ts';
import { finishRuns, type Trainer } from './finishRuns.ts';
import { type ResultFile, rungKey, runKey } from './resultFile.ts';
import { RungCheckpoints } from './rungCheckpoints.ts';
import { type SearchReport, validationLoss } from './searchReport.ts';
import { type NamedRung, trainRung } from './trainRung.ts';

/** A signal has ended the search. */
export class SearchLeft extends Error {
  override readonly name = 'SearchLeft';
}

type SearchTrainer = Trainer & { readonly file: ResultFile; readonly report: SearchReport };

/** Trains the runs of a search, each from where it was left. Lines and checkpoints are files, which several processes share. */
export class SearchRuns {
  readonly #trainer: SearchTrainer;
  readonly #checkpoints: RungCheckpoints;
  readonly #fingerprint: string;
  #stages = 0;

  private constructor(trainer: SearchTrainer, checkpoints: RungCheckpoints, fingerprint: string) {
    this.#trainer = trainer;
    this.#checkpoints = checkpoints;
    this.#fingerprint = fingerprint;
  }

  static async open(trainer: SearchTrainer): Promise<SearchRuns> {
    const { dataset, file } = trainer;
    const fingerprint = await fingerprintOf(dataset);
    const data = { name: dataset.name, fingerprint };
    return new SearchRuns(trainer, await RungCheckpoints.open(`${file.path}.rungs`, data), fingerprint);
  }

  /** The validation loss of each, as far as it is asked for. Rejects with SearchLeft, WriteError. */
  readonly train = async (runs: readonly SearchRun[]): Promise<readonly number[]> => {
    const { signal, report } = this.#trainer;
    const named = runs.map((run) => this.#nameRun(run));
    await this.#checkpoints.keepOnly(new Set(named.map((run) => run.runKey)));
    report.stage(++this.#stages, named.length);
    await finishRuns(named, this.#trainer, (run) => this.#trainOne(run));
    if (signal.aborted) throw new SearchLeft();
    return named.map(({ key }) => {
      const line = report.lines.get(key);
      return line ? validationLoss(line) : Number.NaN;
    });
  };

  /** The lines of a setting that was trained to its end, one a seed. */
  wholeLines(settings: Settings, seeds: number): readonly ComparisonLine[] {
    return Array.from({ length: seeds }, (_, i) =>
      this.#trainer.report.lines.get(this.#keyOf({ ...settings, seed: settings.seed + i })),
    ).filter((line) => line !== undefined);
  }

  async removeCheckpoints(): Promise<void> {
    await this.#checkpoints.remove();
  }

  /** A run that ended on its way is whole: it has a line of that name too. */
  async #trainOne(run: NamedRung): Promise<ComparisonLine | null> {
    const { file } = this.#trainer;
    const line = await trainRung(run, this.#trainer, this.#checkpoints);
    const isWhole = line !== null && line.reason !== 'stopped' && run.key !== run.runKey;
    if (isWhole && !file.find(run.runKey))
      await file.append({ ...line, fromStep: line.steps, key: run.runKey });
    return line;
  }

  #nameRun({ asked, settings, untilStep }: SearchRun): NamedRung {
    const whole = this.#keyOf(settings);
    const key = untilStep === null ? whole : rungKey(whole, untilStep);
    return { asked, settings, untilStep, runKey: whole, key };
  }

  #keyOf(settings: Settings): string {
    return runKey(settings, this.#fingerprint, this.#trainer.backend.kind);
  }
}
