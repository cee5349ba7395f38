import type { ValueNames } from '../../data/dataset.ts';
import { TrainingError } from '../events/errors.ts';
import { appendTensors, openTensors, type StoredTensor, type TensorFile } from './safetensors.ts';

/** The names of tensors that hold no weights begin with this. */
const PREFIX = 'vocabulary.';
const textOf = (field: number): string => `${PREFIX}${field}.text`;
const endsOf = (field: number): string => `${PREFIX}${field}.ends`;

export const isOfVocabulary = (tensor: string): boolean => tensor.startsWith(PREFIX);

/** The values of every field whose names were kept: UTF-8 one after the other in the order of ids, and where each ends. */
export function vocabularyTensors(
  fields: readonly { readonly names?: ValueNames }[],
): readonly StoredTensor<Uint8Array | Uint32Array>[] {
  return fields.flatMap(({ names }, field) =>
    names
      ? [
          { name: textOf(field), shape: [names.bytes.length], values: names.bytes },
          { name: endsOf(field), shape: [names.ends.length], values: names.ends },
        ]
      : [],
  );
}

/**
 * A run file with the values of the fields of the data that it was trained on, if it has none. Rejects with TrainingError for a file
 * that is not whole.
 */
export async function addVocabulary(
  file: Blob,
  fields: readonly { readonly names?: ValueNames }[],
): Promise<Blob> {
  const { entries } = await openTensors(file);
  return [...entries.keys()].some(isOfVocabulary) ? file : appendTensors(file, vocabularyTensors(fields));
}

/** The names of a field's ids; undefined: the file was saved without. Rejects with TrainingError where they do not fit the field. */
export async function readVocabulary(
  file: TensorFile,
  field: number,
  { name, cardinality }: { readonly name: string; readonly cardinality: number },
): Promise<ValueNames | undefined> {
  if (!file.entries.has(textOf(field)) && !file.entries.has(endsOf(field))) return undefined;
  const { values: bytes } = await file.read(textOf(field));
  const { values: ends } = await file.read(endsOf(field));
  const fits =
    bytes instanceof Uint8Array &&
    ends instanceof Uint32Array &&
    ends.length === cardinality &&
    ends.every((end, id) => end >= (ends[id - 1] ?? 0)) &&
    (ends.at(-1) ?? 0) === bytes.length;
  if (fits) return { bytes, ends };
  throw new TrainingError(
    `The values of ${name} in the file are not one for each of its ${cardinality} rows.`,
    'Train the run again with this version.',
  );
}
