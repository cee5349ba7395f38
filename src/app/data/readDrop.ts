import type { FileSet } from '../../data/source.ts';

/** One file as it is, several as a set of files that the user chose; null: there is none. */
export function joinFiles(files: readonly File[]): File | FileSet | null {
  if (files.length <= 1) return files[0] ?? null;
  return {
    name: `${files[0].name} and ${files.length - 1} more`,
    size: files.reduce((sum, { size }) => sum + size, 0),
    files: files.map((file) => ({ path: file.name, file })),
    chosen: true,
  };
}

/** The files of a drop, and those in its folders. The event's own lists are empty once it is over, so they are read at once. */
export async function readDrop(transfer: DataTransfer): Promise<File | FileSet | null> {
  const files = [...transfer.files];
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (!entries.some((entry) => entry.isDirectory)) return joinFiles(files);
  const found = (await Promise.all(entries.map(filesBelow))).flat();
  return {
    name: entries.map((entry) => entry.name).join(', '),
    size: found.reduce((sum, { file }) => sum + file.size, 0),
    files: found,
    chosen: false,
  };
}

async function filesBelow(entry: FileSystemEntry): Promise<FileSet['files']> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^[/]/, ''), file }];
  }
  const found: FileSet['files'][number][] = [];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  while (true) {
    // At most 100 at a time, in Chromium.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return found;
    for (const child of entries) found.push(...(await filesBelow(child)));
  }
}
