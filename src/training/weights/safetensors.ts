import { TrainingError } from '../events/errors.ts';

/** A tensor of a file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint32Array;
}

type ElementCode = 'F32' | 'U32';

interface Entry {
  readonly dtype: ElementCode;
  readonly shape: readonly number[];
  /** In bytes, from the end of the header. */
  readonly data_offsets: readonly [begin: number, end: number];
}

/** An open file. Only its header is in memory. */
export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  /** Reads the elements of one tensor. Throws TrainingError for a name that is not there. */
  read(name: string): Promise<StoredTensor>;
}

/** Longest header in bytes. Millions of tensors fit into it, so a longer one is no header. */
const LONGEST_HEADER = 2 ** 28;
const METADATA = '__metadata__';

/**
 * The pieces of a safetensors file, in order: the length of the header as a little-endian u64, the header as JSON, padded with
 * spaces to whole words of 8 bytes, and the elements, little-endian and without gaps. huggingface.co/docs/safetensors.
 */
export function encodeTensors(
  tensors: readonly StoredTensor[],
  metadata: Readonly<Record<string, string>>,
): readonly Uint8Array[] {
  const header: Record<string, Entry | typeof metadata> = { [METADATA]: metadata };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    const end = offset + values.byteLength;
    const dtype = values instanceof Float32Array ? 'F32' : 'U32';
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);
  const elements = tensors.map(
    ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  );
  return [length, padded, ...elements];
}

/** Reads the header. Tensors are read when they are asked for. Rejects with TrainingError for a file of another kind. */
export async function openTensors(file: Blob): Promise<TensorFile> {
  const length = Number(new DataView(await bytesOf(file, 0, 8)).getBigUint64(0, true));
  if (length > LONGEST_HEADER || length > file.size - 8) throw notTensors();
  const text = new TextDecoder().decode(await bytesOf(file, 8, 8 + length));
  const { [METADATA]: metadata = {}, ...entries } = parseHeader(text);
  const tensors = entries as Readonly<Record<string, Entry>>;
  return {
    metadata: metadata as TensorFile['metadata'],
    names: Object.keys(tensors),
    async read(name) {
      const entry = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
      if (!entry) throw new TrainingError(`The file holds no tensor ${name}.`, 'Save the run again.');
      const { dtype, shape } = entry;
      const [begin, end] = entry.data_offsets;
      const bytes = await bytesOf(file, 8 + length + begin, 8 + length + end);
      return { name, shape, values: dtype === 'F32' ? new Float32Array(bytes) : new Uint32Array(bytes) };
    },
  };
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === 'object' && header !== null) return header as Record<string, unknown>;
  } catch {
    // The error below says what is wrong.
  }
  throw notTensors();
}

async function bytesOf(file: Blob, begin: number, end: number): Promise<ArrayBuffer> {
  if (end > file.size) throw notTensors();
  return file.slice(begin, end).arrayBuffer();
}

function notTensors(): TrainingError {
  return new TrainingError(
    'The file is no safetensors file, or the end of it is missing.',
    'Save the run again.',
  );
}
