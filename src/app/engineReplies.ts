import type { EngineReply, Failure } from '../worker/protocol.ts';
import { addNotice, type Context, reportError } from './context.ts';
import type { MemoryActions } from './memory/memoryActions.ts';
import type { RunActions } from './runs/runActions.ts';
import type { SpectrumActions } from './spectrum/spectrumActions.ts';

/** What the engine says becomes state here, and nowhere else. */
export function listenToEngine(
  context: Context,
  runs: RunActions,
  memory: MemoryActions,
  spectrum: SpectrumActions,
): void {
  const { store, engine } = context;

  function handle(reply: EngineReply): void {
    if (reply.type === 'spectrum') spectrum.handle(reply);
    else if (reply.type === 'backend') {
      store.setState({ backend: reply.status });
      if (reply.status.fallback) explainFallback(reply.status.fallback);
    } else if ('request' in reply) memory.handle(reply);
    else runs.handle(reply);
  }

  function explainFallback({ message, remedy }: Failure): void {
    const title = `Training on the CPU. ${message}`;
    if (store.getState().seenFallback === title) return;
    addNotice(context, { kind: 'warning', title, remedy, diagnostics: true });
  }

  engine.listen(handle, (failure) => {
    runs.forget('engine-lost');
    memory.forget();
    store.setState({ queueHeld: true });
    reportError(context, failure, true);
  });
}
