import { readHeader } from '../../data/stored/datasetFile.ts';
import type { DatasetStorage } from '../../data/stored/storage.ts';
import type { KeptDataset } from './state.ts';

/** The data sets that are kept in this browser, by name. A file that cannot be read is listed under its own name. */
export async function listKept(storage: DatasetStorage): Promise<readonly KeptDataset[]> {
  const files = await storage.list();
  const kept = await Promise.all(
    files.map(async ({ name: file, sizeBytes }): Promise<KeptDataset> => {
      const blob = await storage.blob(file);
      const header = blob && (await readHeader(blob, file).catch(() => undefined));
      const { name = file, examples = 0 } = header?.info ?? {};
      return { file, name, examples, sizeBytes };
    }),
  );
  return kept.toSorted((a, b) => a.name.localeCompare(b.name));
}
