import type { Preview, Reading } from '../../data/source.ts';
import controls from '../shared/controls.module.css';
import forms from '../shared/forms.module.css';

/** Encodings that text comes in; any other that TextDecoder knows can be given on the command line. */
const encodings =
  'utf-8 utf-16le utf-16be windows-1252 iso-8859-2 windows-1250 windows-1251 koi8-r windows-1253 windows-1254 shift_jis euc-jp gb18030 big5 euc-kr'.split(
    ' ',
  );

/** Asks how the content of the file is found; a change looks at the file again. */
export function ReadingFields({
  name,
  contents: { encoding, files },
  reading,
  onChange,
}: {
  readonly name: string;
  readonly contents: Preview['contents'];
  readonly reading: Reading;
  readonly onChange: (reading: Reading) => void;
}) {
  const isPacked = files.length > 1 || files[0] !== name;
  const known = encoding === null || encodings.includes(encoding) ? encodings : [encoding, ...encodings];
  return (
    <>
      {encoding !== null && (
        <label className={forms.field}>
          <span>Encoding</span>
          <select
            className={controls.select}
            value={reading.encoding ?? ''}
            onChange={(event) => onChange({ ...reading, encoding: event.currentTarget.value || null })}
          >
            <option value="">{reading.encoding ? 'by its content' : `${encoding}, by its content`}</option>
            {known.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
          <small>Choose another where letters look wrong.</small>
        </label>
      )}
      {isPacked && (
        <label className={forms.field}>
          <span>File of the archive</span>
          <input
            className={controls.input}
            defaultValue={reading.entry ?? ''}
            placeholder="all that fit together"
            onBlur={({ currentTarget: { value } }) => {
              const entry = value.trim() || null;
              if (entry !== (reading.entry ?? null)) onChange({ ...reading, entry });
            }}
          />
          <small>A name, with * for any characters. Read: {files.slice(0, 3).join(', ')}</small>
        </label>
      )}
    </>
  );
}
