import { sha256 } from '@noble/hashes/sha2.js';

/** In lower-case hexadecimal: 64 digits. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers give pages without https no crypto.subtle, which is several times as fast.
  const { subtle } = crypto as Partial<Crypto>;
  const digest = subtle ? new Uint8Array(await subtle.digest('SHA-256', bytes)) : sha256(bytes);
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
