import { afterEach, expect, test, vi } from 'vitest';
import { heedSignals } from '../../../src/cli/signals.ts';

afterEach(() => vi.restoreAllMocks());

const emit = (signal: NodeJS.Signals): boolean => process.emit(signal, signal);

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)(
  '%s aborts; once more it ends the process at once, but not as an echo of the first',
  (name, code) => {
    const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
    const nowMs = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const end = heedSignals('stopped');
    expect([end.signal.aborted, end.exitCode]).toEqual([false, undefined]);
    emit(name);
    expect([end.signal.reason, end.exitCode]).toEqual(['stopped', code]);
    nowMs.mockReturnValue(1100);
    emit(name); // npm hands on what the terminal has sent already
    emit('SIGPIPE');
    expect(exit).not.toHaveBeenCalled();
    nowMs.mockReturnValue(2000);
    emit('SIGPIPE');
    expect(exit).not.toHaveBeenCalled();
    emit(name);
    expect(exit).toHaveBeenCalledExactlyOnceWith(code);
    end.release();
  },
);
