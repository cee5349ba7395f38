import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Text or bytes, with the name it is dropped under. */
export interface DroppedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

const realAvazu = fileURLToPath(new URL('../../../shared/data/avazu-5k.csv', import.meta.url));

/** Avazu's 5,000 real lines where they are at hand, otherwise as many generated ones of the same format. */
export function avazuFile(): DroppedFile {
  if (existsSync(realAvazu)) return { name: 'avazu-5k.csv', content: readFileSync(realAvazu, 'utf8') };
  console.log('shared/data/avazu-5k.csv is absent: the test drops generated lines in its format');
  return { name: 'avazu-generated.csv', content: generateAvazu(5000) };
}

const avazuColumns =
  'id,click,hour,C1,banner_pos,site_id,site_domain,site_category,app_id,app_domain,app_category,' +
  'device_id,device_ip,device_model,device_type,device_conn_type,C14,C15,C16,C17,C18,C19,C20,C21';

/** Values per categorical column, in file order from C1 on. */
const avazuCardinalities = [
  4, 3, 500, 400, 15, 400, 60, 20, 900, 4000, 1200, 4, 4, 600, 5, 6, 160, 4, 40, 150, 50,
];

function generateAvazu(rows: number): string {
  let state = 12345;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = [avazuColumns];
  for (let row = 0; row < rows; row++) {
    // Squaring favours small numbers: a few popular values and a long tail, as in click logs.
    const values = avazuCardinalities.map((cardinality) => Math.floor(cardinality * uniform() ** 2));
    const click = uniform() < 0.08 + 0.3 * (values[2] % 3 === 0 ? 1 : 0) ? 1 : 0;
    const hour = 14102100 + Math.floor((24 * row) / rows);
    lines.push([10 ** 15 + row, click, hour, ...values].join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** Files that cannot be loaded, each broken in a way of its own. */
export function brokenFiles(): readonly DroppedFile[] {
  const noise = Uint8Array.from({ length: 4096 }, (_, index) => (index * 131 + (index >> 3)) & 0xff);
  noise.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0]);
  const oneClass = avazuFile()
    .content.toString()
    .split('\n')
    .filter((line, index) => index === 0 || line.split(',')[1] === '0')
    .join('\n');
  return [
    { name: 'picture.csv', content: noise },
    { name: 'empty.tsv', content: '' },
    { name: 'wrong-columns.csv', content: `${avazuColumns}\n${'1,0,14102100\n'.repeat(50)}` },
    { name: 'never-clicked.csv', content: oneClass },
  ];
}
