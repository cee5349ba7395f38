import { avazuColumns, avazuFixture } from '../fixtures/generate.ts';

/** Text or bytes, with the name it is dropped under. */
export interface DroppedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

/** 5,000 lines of Avazu's format. */
export function avazuFile(): DroppedFile {
  return { name: 'avazu-5k.csv', content: avazuFixture(5000).content };
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
