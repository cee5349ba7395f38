import { createHash } from 'node:crypto';

/** The parts of a safetensors file. */
export interface TensorParts {
  readonly header: string;
  readonly data: Uint8Array;
}

/** A file with this header, whatever it says. */
export function joinTensors({ header, data }: TensorParts): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

export function splitTensors(bytes: Uint8Array): TensorParts {
  const { buffer, byteOffset, byteLength } = bytes;
  const length = Number(new DataView(buffer, byteOffset, byteLength).getBigUint64(0, true));
  return {
    header: new TextDecoder().decode(bytes.subarray(8, 8 + length)),
    data: bytes.subarray(8 + length),
  };
}

const CHECKSUM = /"dimmer\.sha256":"[^"]*"/;

/** Gives a changed header the checksum that it would have been written with. */
export function signHeader(header: string): string {
  const blank = header.replace(CHECKSUM, `"dimmer.sha256":"${'0'.repeat(64)}"`);
  const checksum = createHash('sha256').update(blank).digest('hex');
  return header.replace(CHECKSUM, `"dimmer.sha256":"${checksum}"`);
}

/** Without any checksum, as other programs and earlier versions write files. */
export function withoutChecksums(header: string): string {
  const { __metadata__: metadata, ...tensors } = JSON.parse(header);
  const kept = Object.entries(metadata).filter(([key]) => !key.startsWith('dimmer.sha256'));
  return JSON.stringify({ __metadata__: Object.fromEntries(kept), ...tensors });
}

export const blobOf = (...pieces: readonly Uint8Array[]): Blob =>
  new Blob(pieces as Uint8Array<ArrayBuffer>[]);
