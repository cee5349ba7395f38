import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitByLastOfUser } from '../../../src/data/leaveLastOut.ts';
import type { LabelRule } from '../../../src/data/labelReading.ts';
import { inspect, load } from '../../../src/data/load.ts';
import { defaultLoadOptions, type LoadOptions } from '../../../src/data/source.ts';
import type { Dataset, Split } from '../../../src/data/dataset.ts';
import { Random } from '../../../src/random/random.ts';
import { sourceOf } from './sources.ts';

const positive: LabelRule = { kind: 'at-least', value: 4 };
const byLast = { splitBy: 'leave-last-out' } as const;

function loadText(text: string, options: Partial<LoadOptions> = {}): Promise<Dataset> {
  return load(sourceOf(text), { ...defaultLoadOptions, keepNames: true, ...options });
}

/** `user item` of every example of a split. */
function pairsOf({ ids, splits, fields }: Dataset, split: Split): string[] {
  const { start, count } = splits[split];
  const nameOf = (field: number, id: number): string => {
    const { ends, bytes } = fields[field].names!;
    const name = new TextDecoder().decode(bytes.subarray(id === 0 ? 0 : ends[id - 1], ends[id]));
    return name === '' ? '?' : name;
  };
  return Array.from({ length: count }, (_, i) => {
    const example = start + i;
    return `${nameOf(0, ids[2 * example])} ${nameOf(1, ids[2 * example + 1])}`;
  });
}

/** 40 users with 6 to 9 items each, in the order of time; item k is of times 10·k. */
function logLines(): { user: string; item: string; time: number }[] {
  const random = new Random(2, 'log');
  const lines: { user: string; item: string; time: number }[] = [];
  for (let user = 0; user < 40; user++) {
    const items = new Set<number>();
    const wanted = 6 + random.below(4);
    while (items.size < wanted) items.add(random.below(25));
    for (const item of items)
      lines.push({ user: `u${user}`, item: `i${item}`, time: 1_700_000_000 + lines.length * 10 });
  }
  return lines;
}

describe('a log without a label', () => {
  const lines = logLines();
  const text = (columns: (line: (typeof lines)[number]) => readonly (string | number)[], header: string) =>
    `${header}\n${lines.map((line) => columns(line).join(',')).join('\n')}\n`;
  const log = text(({ user, item, time }) => [user, item, time], 'user_id,item_id,timestamp');

  test('is taken for a ranking, which the preview says with its reason', async () => {
    const preview = await inspect(sourceOf(log));
    expect(preview.task).toBe('ranking');
    expect(preview.columns.map(({ role }) => role)).toEqual(['category', 'category', 'time']);
    expect(preview.columns[0]).toMatchObject({
      confidence: 'likely',
      reason: 'no column is a label, and it is the user',
    });
    expect(preview.labelReading).toBe('every line is something that happened');
    expect(preview.warnings.map(({ message }) => message)).toContain(
      'no column is a label, so which “item_id” is the next of a “user_id” is learnt.',
    );
  });

  test('holds out the last item of every user as test, the one before it as validation', async () => {
    const dataset = await loadText(log, byLast);
    expect(dataset.task).toBe('ranking');
    expect([...dataset.labels].every((label) => label === 1)).toBe(true);
    const own = (user: string) =>
      lines.filter((line) => line.user === user).map(({ item }) => `${user} ${item}`);
    const users = [...new Set(lines.map(({ user }) => user))];
    expect(pairsOf(dataset, 'test')).toEqual(users.map((user) => own(user).at(-1)));
    expect(pairsOf(dataset, 'validation')).toEqual(users.map((user) => own(user).at(-2)));
    expect(pairsOf(dataset, 'train')).toEqual(users.flatMap((user) => own(user).slice(0, -2)));
  });

  test('is the same with the item before the user, by their names', async () => {
    const turned = text(({ user, item, time }) => [item, user, time], 'product_id,customer,time');
    const dataset = await loadText(turned, byLast);
    expect(dataset.fields.map(({ name }) => name)).toEqual(['customer', 'product_id']);
    const straight = await loadText(log, byLast);
    expect(dataset.ids).toEqual(straight.ids);
  });

  test('is the same whatever else it holds, and with a label of one value', async () => {
    const wide = text(
      ({ user, item, time }) => [user, item, 1, (time % 77) * 0.37, time],
      'user_id,item_id,rating,price,timestamp',
    );
    const dataset = await loadText(wide, byLast);
    const straight = await loadText(log, byLast);
    expect(dataset.task).toBe('ranking');
    expect(dataset.numericColumns).toEqual([]);
    expect(dataset.ids).toEqual(straight.ids);
  });

  test('keeps a pair once, at its first time, and says so', async () => {
    const again = `${log}u3,${lines.find(({ user }) => user === 'u3')!.item},1999999999\n`;
    const dataset = await loadText(again, byLast);
    const straight = await loadText(log, byLast);
    for (const split of ['train', 'validation', 'test'] as const)
      expect(pairsOf(dataset, split)).toEqual(pairsOf(straight, split));
    expect(dataset.report.warnings.map(({ message }) => message)).toContain(
      '1 lines repeat a user and an item: each pair is kept once, as it was first.',
    );
  });

  test('is no ranking where columns without a telling name hold numbers too', async () => {
    const features = text(({ user, item, time }) => [user, item, (time % 7) * 0.5], 'a,b,c');
    await expect(loadText(features)).rejects.toThrow('no column is the label');
  });
});

describe('ratings of which some are positives', () => {
  const lines = logLines().map(({ user, item, time }, i) => ({ user, item, time, rating: (i % 5) + 1 }));
  const csv = `userId,movieId,rating,timestamp\n${lines
    .map(({ user, item, rating, time }) => `${user.slice(1)},${item.slice(1)},${rating},${time}`)
    .join('\n')}\n`;

  test.each([['movielens-csv' as const], ['table' as const]])(
    'are a ranking of those alone, as %s',
    async (format) => {
      const dataset = await loadText(csv, { format, positive });
      expect(dataset.task).toBe('ranking');
      expect(dataset.examples).toBe(lines.filter(({ rating }) => rating >= 4).length);
      expect(dataset.report.skipped).toMatchObject([
        {
          reason: 'label in column 3 (rating) does not fulfil the rule for positives',
          count: lines.filter(({ rating }) => rating < 4).length,
        },
      ]);
    },
  );

  test('stay ratings of which the last of every user can be held out', async () => {
    const dataset = await loadText(csv, byLast);
    expect(dataset.task).toBe('rating');
    expect([dataset.splits.test.count, dataset.splits.validation.count]).toEqual([40, 40]);
  });

  test('say in the preview which lines count', async () => {
    const options = { ...defaultLoadOptions, positive };
    expect(await inspect(sourceOf(csv), undefined, options)).toMatchObject({
      task: 'ranking',
      labelReading: 'what happened are the lines whose “rating” is at least 4; the others are no examples',
    });
  });

  test('are refused where none is one, and a rule where there is no label', async () => {
    const none = { kind: 'above', value: 5 } as const;
    await expect(loadText(csv, { positive: none })).rejects.toThrow('no line fulfils the rule');
    const log = csv.replaceAll(/^([^,]*,[^,]*),[^,]*/gm, '$1');
    await expect(loadText(log, { positive })).rejects.toThrow('no column is the label');
  });
});

describe('leave-last-out', () => {
  const example = fc.record({ user: fc.nat(5), time: fc.nat(4) });

  test('holds out the two latest of every user with three or more, the later line of equal times being the later', () => {
    fc.assert(
      fc.property(fc.array(example, { maxLength: 60 }), (all) => {
        const steps = splitByLastOfUser({
          length: all.length,
          users: 6,
          userOf: (i) => all[i].user,
          timeOf: (i) => all[i].time,
        });
        let step = steps.next();
        while (!step.done) step = steps.next();
        const expected = all.map((own, i) => {
          const others = all.map((each, at) => ({ ...each, at })).filter(({ user }) => user === own.user);
          const later = others.filter(
            ({ time, at }) => time > own.time || (time === own.time && at > i),
          ).length;
          return others.length < 3 || later > 1 ? 0 : later === 0 ? 2 : 1;
        });
        expect([...step.value]).toEqual(expected);
      }),
    );
  });

  test('is refused for clicks', async () => {
    const random = new Random(1, 'clicks');
    const rows = Array.from(
      { length: 300 },
      () => `${random.below(2)},u${random.below(9)},i${random.below(9)}`,
    );
    await expect(loadText(`click,user,item\n${rows.join('\n')}\n`, byLast)).rejects.toThrow(
      'the labels are clicks',
    );
  });
});
