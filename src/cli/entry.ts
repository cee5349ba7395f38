import { main } from './main.ts';

// A reader that has seen enough (| head) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// Awaited here, because the module runner stops importing when this module is done.
const exitCode = await main(process.argv.slice(2));
process.stdout.write('', () => process.exit(exitCode));
