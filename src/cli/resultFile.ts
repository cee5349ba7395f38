import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type BackendId, defaultSettings, type Settings } from '../settings/settings.ts';
import type { ComparisonLine } from './compareReport.ts';
import { UsageError } from './usage.ts';

/** Lines of finished runs, one JSON object each. A line that was cut off is ignored. */
export interface ResultFile {
  find(key: string): ComparisonLine | undefined;
  append(line: ComparisonLine): void;
}

/**
 * Names a run by its settings and its data. Settings at their defaults are left out, so that a new
 * setting does not make old results unknown.
 */
export function runKey(settings: Settings, dataFingerprint: string, backend: BackendId): string {
  const given = Object.entries({ ...settings, backend })
    .filter(([name, value]) => value !== defaultSettings[name as keyof Settings])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([dataFingerprint, given]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A file that is not there yet is empty. Throws UsageError. */
export async function openResultFile(path: string): Promise<ResultFile> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new UsageError(`${path} cannot be read: ${error.message}`, 'Check the path after --out.');
  });
  const lines = new Map<string, ComparisonLine>();
  for (const line of text.split('\n')) {
    const result = parseLine(line);
    if (result) lines.set(result.key, result);
  }
  let separator = text === '' || text.endsWith('\n') ? '' : '\n';
  return {
    find: (key) => lines.get(key),
    // At once and in order: what has been reported is on the disk when the process is stopped.
    append(line) {
      appendFileSync(path, `${separator}${JSON.stringify(line)}\n`);
      separator = '';
    },
  };
}

function parseLine(text: string): ComparisonLine | null {
  try {
    const line = JSON.parse(text) as Partial<ComparisonLine> | null;
    return line?.event === 'result' && typeof line.key === 'string' ? (line as ComparisonLine) : null;
  } catch {
    return null;
  }
}
