import { isTarHeader } from './tar.ts';

/** Bytes that the longest signature needs: a tar header. */
export const signatureBytes = 512;

export type Signature = { readonly kind: 'gzip' | 'zstd' | 'tar' | 'zip' | 'parquet' | 'text' } | Refused;

/** What is known and not read. */
export interface Refused {
  readonly kind: 'refused';
  /** As in “it is …”. */
  readonly what: string;
  readonly remedy: string;
}

const exportAsCsv = 'Export it as CSV or Parquet and drop that.';
const unpack = 'Unpack it and drop what comes out, or compress that with gzip, zip or zstd.';
const openAndSave = 'Open it and save the table in it as “CSV UTF-8”, and drop that.';

const known: readonly (readonly [bytes: string, found: Exclude<Signature['kind'], 'refused' | 'text'>])[] = [
  ['\x1f\x8b', 'gzip'],
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['PK\x03\x04', 'zip'],
  ['PK\x05\x06', 'zip'],
  ['PAR1', 'parquet'],
];

const refused: readonly (readonly [bytes: string, what: string, remedy: string])[] = [
  ['BZh', 'compressed with bzip2', `${unpack} On a command line: bunzip2.`],
  ['\xfd7zXZ\0', 'compressed with xz', `${unpack} On a command line: unxz.`],
  [']\0\0', 'compressed with lzma', `${unpack} On a command line: unlzma.`],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', `${unpack} On a command line: 7z x.`],
  ['Rar!\x1a\x07', 'a rar archive', unpack],
  ['\x04\x22\x4d\x18', 'compressed with lz4', `${unpack} On a command line: unlz4.`],
  ['\xff\x06\0\0sNaPpY', 'compressed with snappy', unpack],
  ['\x1f\x9d', 'compressed with compress (.Z)', `${unpack} On a command line: uncompress.`],
  ['LZIP', 'compressed with lzip', unpack],
  ['PK\x07\x08', 'a part of a zip archive in several files', 'Join the parts (zip -s 0) and drop the whole.'],
  ['PARE', 'a Parquet file with an encrypted footer', 'Write it without encryption and drop that.'],
  ['ORC', 'an ORC file', exportAsCsv],
  ['Obj\x01', 'an Avro file', exportAsCsv],
  ['ARROW1', 'an Arrow (Feather) file', exportAsCsv],
  ['FEA1', 'a Feather file', exportAsCsv],
  ['\x89HDF\r\n\x1a\n', 'an HDF5 file', exportAsCsv],
  ['SQLite format 3\0', 'an SQLite database', exportAsCsv],
  ['\x93NUMPY', 'a NumPy array', exportAsCsv],
  [
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    'an old Office document, such as an Excel workbook (xls)',
    openAndSave,
  ],
  ['%PDF', 'a PDF document', 'Get the table in it as CSV and drop that.'],
  ['{\\rtf', 'a rich text document (rtf)', openAndSave],
  ['\x89PNG\r\n', 'a picture', 'Drop a table: CSV, TSV, JSON lines or Parquet.'],
  ['\xff\xd8\xff', 'a picture', 'Drop a table: CSV, TSV, JSON lines or Parquet.'],
  ['GIF8', 'a picture', 'Drop a table: CSV, TSV, JSON lines or Parquet.'],
  ['\x7fELF', 'a program', 'Drop a table: CSV, TSV, JSON lines or Parquet.'],
  ['\xff\xfe\0\0', 'text in UTF-32', 'Save it as UTF-8 and drop it again.'],
  ['\0\0\xfe\xff', 'text in UTF-32', 'Save it as UTF-8 and drop it again.'],
];

/** Of a frame that zstd passes over, which pzstd writes first. */
const restOfSkippable = '\x2a\x4d\x18';

/** What a file is, by its first signatureBytes bytes; text, where nothing says otherwise. */
export function recogniseBytes(head: Uint8Array): Signature {
  const start = String.fromCharCode(...head.subarray(0, 16));
  const found = known.find(([bytes]) => start.startsWith(bytes));
  if (found) return { kind: found[1] };
  if (isTarHeader(head)) return { kind: 'tar' };
  if (head[0] >> 4 === 5 && start.startsWith(restOfSkippable, 1)) return { kind: 'zstd' };
  const not = refused.find(([bytes]) => start.startsWith(bytes));
  if (not) return { kind: 'refused', what: not[1], remedy: not[2] };
  if (head[0] === 0x80 && head[1] >= 2 && head[1] <= 5)
    return { kind: 'refused', what: 'a Python pickle', remedy: exportAsCsv };
  return { kind: 'text' };
}

/** The same of text, by its beginning. null: it may be a table. */
export function recogniseText(head: string): 'json' | Refused | null {
  const start = head.trimStart();
  if (/^\{\s*("|\}|$)/.test(start) || /^\[\s*([{["\d\]-]|true|false|null|$)/.test(start)) {
    // [user],[item] is a header, and [1] may be a cell.
    if (start.startsWith('{') || !/^\[[^\][{]*\]\s*[,;\t|]/.test(start)) return 'json';
  }
  if (/^<(!doctype\s+html|html|head|body|table)\b/i.test(start)) {
    return {
      kind: 'refused',
      what: 'a web page (HTML)',
      remedy: 'Often it stands in for a download that needs a login: get the file itself and drop that.',
    };
  }
  if (/^<(\?xml|[a-z][\w:.-]*[\s>])/i.test(start))
    return { kind: 'refused', what: 'XML', remedy: exportAsCsv };
  return recogniseSparse(head);
}

const linesLookedAt = 20;

/** libsvm and libffm: a label and then index:value, or field:index:value. */
function recogniseSparse(head: string): Refused | null {
  const lines = head.split(/\r?\n/, linesLookedAt + 1);
  if (lines.length > 1) lines.pop();
  const present = lines.filter((line) => line.trim() !== '');
  const share = (pattern: RegExp) => present.filter((line) => pattern.test(line)).length / present.length;
  if (present.length === 0) return null;
  const isFfm = share(/^[-+]?\d+(\.\d+)?(\s+\d+:\d+:\S+)+\s*$/) > 0.5;
  if (isFfm || share(/^[-+]?\d+(\.\d+)?(\s+(qid|\d+):\S+)+\s*$/) > 0.5) {
    return {
      kind: 'refused',
      what: isFfm ? 'a libffm file (label field:index:value …)' : 'a libsvm file (label index:value …)',
      remedy:
        'It holds sparse vectors, not columns: drop the table that it was made from, with one column a field.',
    };
  }
  return null;
}
