import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { NamePacker } from '../../../src/data/dataset.ts';
import { ValueIndex } from '../../../src/data/valueIndex.ts';

test('finds every name at its id, and everything else at the rare one', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', 'b', 'ß') }));
  fc.assert(
    fc.property(fc.uniqueArray(text, { minLength: 1 }), fc.array(text), fc.nat(), (names, others, at) => {
      const rareId = at % names.length;
      const packer = new NamePacker(names.length);
      names.forEach((name, id) => packer.add(id === rareId ? '' : name));
      const index = new ValueIndex(packer.pack(), rareId);
      names.forEach((name, id) => expect(index.find(name)).toBe(id));
      for (const other of others) {
        const id = names.indexOf(other);
        expect(index.find(other)).toBe(id === -1 ? rareId : id);
      }
    }),
  );
});
