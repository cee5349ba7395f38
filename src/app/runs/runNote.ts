import { validateSettings } from '../../settings/settingsCodec.ts';
import type { RequestedRun } from './requestedRun.ts';

/** What is kept with the checkpoints of a run that was asked for directly, to ask for it again after a reload. */
export interface RunNote extends Pick<RequestedRun, 'name' | 'settings' | 'datasetKey'> {
  readonly datasetName: string;
}

export function writeNote({ name, settings, datasetKey, datasetName }: RunNote): string {
  return JSON.stringify({ name, settings, datasetKey, datasetName } satisfies RunNote);
}

/** undefined for what writeNote of this version did not write. */
export function readNote(note: string): RunNote | undefined {
  let read: unknown;
  try {
    read = JSON.parse(note);
  } catch {
    return undefined;
  }
  const { name, settings, datasetKey, datasetName } = {
    ...(read as Partial<Record<keyof RunNote, unknown>>),
  };
  if (typeof name !== 'string' || typeof datasetKey !== 'string' || typeof datasetName !== 'string')
    return undefined;
  if (typeof settings !== 'object' || settings === null) return undefined;
  const checked = validateSettings(settings);
  return checked.errors.length === 0
    ? { name, settings: checked.settings, datasetKey, datasetName }
    : undefined;
}
