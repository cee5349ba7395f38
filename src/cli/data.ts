import { writeBytes } from '../quantities/quantities.ts';
import { type CachedData, DataCache } from './dataCache.ts';
import { type CommandSpec, type Flags, parseFlags, switchFlag, textFlag } from './flags.ts';

const command = {
  name: 'data',
  summary:
    'Lists the encoded data sets that are kept, so that files need not be read again, or removes them.',
  usage: '[--clear] [flags]',
  flags: {
    clear: switchFlag('Removes all of them. The files that they were read from stay.'),
    cache: textFlag('DIR', 'The folder where they lie. Default: dimmer in XDG_CACHE_HOME or ~/.cache.'),
    json: switchFlag('A line of JSON a data set instead of a table.'),
  },
} satisfies CommandSpec<Flags>;

export async function dataCommand(args: readonly string[]): Promise<number> {
  const flags = parseFlags(args, command);
  const cache = new DataCache(flags.cache);
  const kept = await cache.list();
  if (flags.clear) await cache.clear();
  if (flags.json) for (const data of kept) process.stdout.write(`${JSON.stringify(data)}\n`);
  else process.stdout.write(kept.map(describe).join(''));
  const total = writeBytes(kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  process.stderr.write(
    `${kept.length} data sets, ${total}, ${flags.clear ? 'were removed from' : 'are in'} ${cache.folder}\n`,
  );
  return 0;
}

function describe({ key, sizeBytes, what }: CachedData): string {
  const size = writeBytes(sizeBytes);
  if (!what) return `${key}  ${size}  cannot be read\n`;
  return `${what.name}  ${what.examples.toLocaleString('en')} examples  ${size}  ${what.paths}\n`;
}
