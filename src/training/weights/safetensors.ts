import { atOnce, type Pace } from '../../pieces/pieces.ts';
import { excerpt } from '../../validation/excerpt.ts';
import { TrainingError } from '../events/errors.ts';
import { sha256Of } from '../../data/digest.ts';
import { type Elements, type ElementTypeId, elementTypes } from './elementTypes.ts';
import { METADATA, notTensors, parseHeader, type TensorEntry, type TensorHeader } from './tensorHeader.ts';

/** A tensor of a file. */
export interface StoredTensor<Values extends Elements = Float32Array | Uint32Array> {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Values;
}

type WrittenElements = Float32Array | Uint32Array | Uint8Array;

/** An open file, whose header fits it. Only the header is in memory. */
export interface TensorFile<Values extends Elements = Elements> extends TensorHeader {
  /** Whether every byte is held against a checksum when it is read. Those of the header were. */
  readonly isChecksummed: boolean;
  /**
   * Reads the elements of one tensor. Rejects with TrainingError for a name that is not there, and for damaged or vanished bytes;
   * with GivenUp.
   */
  read(name: string, pace?: Pace): Promise<StoredTensor<Values>>;
}

/** The most bytes of a header that the format allows. */
const LONGEST_HEADER = 100_000_000;

/** Tensors are hashed in pieces of so many bytes, so that a thread can rest in between and none is in memory twice. */
const PIECE_BYTES = 2 ** 22;

/**
 * The metadata that holds the SHA-256 of the header, in which zeros stand for it; and with “.” and the name of a tensor, those of the
 * pieces of its bytes, separated by spaces.
 */
const CHECKSUM = 'dimmer.sha256';
const NO_CHECKSUM = '0'.repeat(64);

/**
 * The pieces of a safetensors file, in order: the length of the header as a little-endian u64, the header as JSON, padded with
 * spaces to whole words of 8 bytes, and the elements, little-endian and without gaps. huggingface.co/docs/safetensors. Checksums in
 * the metadata cover every byte. Rejects with GivenUp by `pace`.
 */
export async function encodeTensors(
  tensors: readonly StoredTensor<WrittenElements>[],
  metadata: Readonly<Record<string, string>>,
  pace: Pace = atOnce,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const described = await describeTensors(tensors, 0, pace);
  const header = await encodeHeader([...Object.entries(metadata), ...described.checksums], described.entries);
  return [...header, ...described.elements];
}

/**
 * A file with further tensors behind its own, whose bytes are neither read nor copied. Rejects with TrainingError for a file that is
 * not whole, and with GivenUp by `pace`.
 */
export async function appendTensors(
  file: Blob,
  tensors: readonly StoredTensor<WrittenElements>[],
  pace: Pace = atOnce,
): Promise<Blob> {
  const { metadata, entries } = await openTensors(file);
  const own = [...entries].map(([name, { dtype, shape, begin, end }]): HeaderEntry => {
    return [name, { dtype, shape, data_offsets: [begin, end] }];
  });
  const dataBytes = Math.max(0, ...[...entries.values()].map(({ end }) => end));
  const added = await describeTensors(tensors, dataBytes, pace);
  const kept = [...metadata].filter(([key]) => key !== CHECKSUM);
  const header = await encodeHeader([...kept, ...added.checksums], [...own, ...added.entries]);
  return new Blob([...header, file.slice(file.size - dataBytes), ...added.elements]);
}

type HeaderEntry = readonly [
  name: string,
  {
    readonly dtype: ElementTypeId;
    readonly shape: readonly number[];
    readonly data_offsets: readonly number[];
  },
];

/** `offset`: where the first of them begins. */
async function describeTensors(
  tensors: readonly StoredTensor<WrittenElements>[],
  offset: number,
  pace: Pace,
) {
  const entries: HeaderEntry[] = [];
  const checksums: [string, string][] = [];
  const elements: Uint8Array<ArrayBuffer>[] = [];
  for (const { name, shape, values } of tensors) {
    const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
    const end = offset + bytes.length;
    entries.push([name, { dtype: dtypeOf(values), shape, data_offsets: [offset, end] }]);
    elements.push(bytes);
    const pieces: string[] = [];
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      pieces.push(await sha256Of(bytes.subarray(at, at + PIECE_BYTES)));
      await pace.rest();
    }
    checksums.push([`${CHECKSUM}.${name}`, pieces.join(' ')]);
    offset = end;
  }
  return { entries, checksums, elements };
}

/** The first pieces of a file. */
async function encodeHeader(
  metadata: readonly (readonly [string, string])[],
  entries: readonly HeaderEntry[],
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const described = Object.fromEntries([[CHECKSUM, NO_CHECKSUM], ...metadata]);
  const text = JSON.stringify(Object.fromEntries([[METADATA, described], ...entries]));
  const sizeBytes = new TextEncoder().encode(text).length;
  const padded = text + ' '.repeat(-sizeBytes & 7);
  const header = new TextEncoder().encode(withChecksum(padded, NO_CHECKSUM, await checksumOf(padded)));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return [length, header];
}

/**
 * Reads the header. Tensors are read when they are asked for. Rejects with TrainingError for a file of another kind, for one that is
 * not as long as its header says, and for a header that is not as it was written, if it has a checksum.
 */
export async function openTensors(file: Blob): Promise<TensorFile> {
  if (file.size < 8) throw notTensors('it is shorter than 8 bytes');
  const length = Number(new DataView(await bytesOf(file, 0, 8)).getBigUint64(0, true));
  if (length > LONGEST_HEADER || length > file.size - 8)
    throw notTensors(`its first 8 bytes announce a header of ${length} bytes`);
  const text = decodeText(await bytesOf(file, 8, 8 + length));
  const { metadata, entries } = parseHeader(text, file.size - 8 - length);
  // Of all checksums one may have lost its name.
  const isChecksummed = [...metadata.keys()].some((key) => key.startsWith(CHECKSUM));
  const checksum = metadata.get(CHECKSUM) ?? '';
  if (isChecksummed && checksum !== (await checksumOf(withChecksum(text, checksum, NO_CHECKSUM))))
    throw damaged('its header');
  return {
    metadata,
    entries,
    isChecksummed,
    async read(name, pace) {
      const entry = entries.get(name);
      if (!entry)
        throw new TrainingError(`The file holds no tensor ${excerpt(name)}.`, 'Save the run again.');
      const checksums = isChecksummed ? (metadata.get(`${CHECKSUM}.${name}`) ?? '').split(' ') : undefined;
      const bytes = await readChecked(file.slice(8 + length), name, entry, checksums, pace);
      return { name, shape: entry.shape, values: elementTypes[entry.dtype].decode(bytes) };
    },
  };
}

/** Those tensors of a file that `isOfModel` chooses, if all of them are of 32 bits, as models have them. Throws TrainingError. */
export function ofModels(
  file: TensorFile,
  isOfModel: (name: string) => boolean = () => true,
): TensorFile<Float32Array | Uint32Array> {
  const entries = new Map([...file.entries].filter(([name]) => isOfModel(name)));
  for (const [name, { dtype }] of entries)
    if (dtype !== 'F32' && dtype !== 'U32')
      throw new TrainingError(
        `Tensor “${excerpt(name)}” of the file is ${dtype}, but tensors of a model are F32 or U32.`,
        'Give a file that Dimmer saved.',
      );
  return { ...file, entries } as TensorFile<Float32Array | Uint32Array>;
}

function dtypeOf(values: WrittenElements): ElementTypeId {
  if (values instanceof Uint8Array) return 'U8';
  return values instanceof Float32Array ? 'F32' : 'U32';
}

async function readChecked(
  data: Blob,
  name: string,
  { begin, end }: TensorEntry,
  checksums: readonly string[] | undefined,
  pace: Pace = atOnce,
): Promise<ArrayBuffer> {
  const whole = allocate(end - begin, name);
  for (let at = begin, piece = 0; at < end; at += PIECE_BYTES, piece++) {
    const bytes = new Uint8Array(await bytesOf(data, at, Math.min(end, at + PIECE_BYTES)));
    if (checksums && checksums[piece] !== (await sha256Of(bytes))) throw damaged(`tensor “${excerpt(name)}”`);
    whole.set(bytes, at - begin);
    await pace.rest();
  }
  return whole.buffer;
}

/** The file has these bytes, but this thread may not have the memory. */
function allocate(sizeBytes: number, name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch {
    throw new TrainingError(
      `Tensor “${excerpt(name)}” takes ${sizeBytes} bytes, more than can be allocated.`,
      'Close other programs, or open the file on a machine with more memory.',
    );
  }
}

/** The file on the disk may have been changed or deleted since it was chosen. */
async function bytesOf(file: Blob, begin: number, end: number): Promise<ArrayBuffer> {
  try {
    return await file.slice(begin, end).arrayBuffer();
  } catch (error) {
    throw new TrainingError(
      `The file cannot be read: ${(error as Error).message}`,
      'Check that it is still where it was, and choose it again.',
    );
  }
}

function decodeText(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notTensors('its header is no UTF-8');
  }
}

/** `from` and `to`: what stands in the place of the header's checksum. */
function withChecksum(text: string, from: string, to: string): string {
  return text.replace(`"${CHECKSUM}":"${from}"`, () => `"${CHECKSUM}":"${to}"`);
}

function checksumOf(text: string): Promise<string> {
  return sha256Of(new TextEncoder().encode(text));
}

function damaged(what: string): TrainingError {
  return new TrainingError(
    `The file is damaged: ${what} is not as it was written.`,
    'Copy it again from where it is whole, or train the run again.',
  );
}
