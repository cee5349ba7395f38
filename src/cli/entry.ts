import { main } from './main.ts';
import { reasonOf } from './wholeFile.ts';

let isOutputLost = false;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (| head), or a terminal that was closed, is no error.
  const isClosed = error.code === 'EPIPE' || error.code === 'EIO';
  if (!isClosed && !isOutputLost) {
    isOutputLost = true;
    process.stderr.write(
      `The output cannot be written: ${reasonOf(error)}.\nMake room for it, or give it another place.\n`,
    );
  }
  // A command that has something to keep hears of it as of a signal to end.
  if (!process.emit('SIGPIPE', 'SIGPIPE')) process.exit(isClosed ? 0 : 1);
});
process.stderr.on('error', () => {}); // nobody is left to tell

// Awaited here, because the module runner stops importing when this module is done.
const exitCode = await main(process.argv.slice(2));
process.stdout.write('', () => process.exit(isOutputLost ? 1 : exitCode));
