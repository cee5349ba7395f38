import { BlockEncoder, type EncodeJob } from './blockEncoder.ts';
import type { EncoderThread } from './threads.ts';

type Call = 'encode' | 'keysIn' | 'select' | 'count' | 'takeField' | 'setIds' | 'layOut';

/** A BlockEncoder on this thread or on another one. */
export type Encoder = {
  readonly [Name in Call]: (
    ...args: Parameters<BlockEncoder[Name]>
  ) => Promise<ReturnType<BlockEncoder[Name]>>;
};

interface Request {
  readonly name: Call;
  readonly args: readonly unknown[];
}

type Reply =
  | { readonly result: unknown }
  | { readonly error: { readonly name: string; readonly message: string } };

export function encodeHere(job: EncodeJob): Encoder {
  const encoder = new BlockEncoder(job);
  return bindCalls((name, args) => new Promise((resolve) => resolve(callEncoder(encoder, { name, args }))));
}

/** Replies come in the order of the calls. After a crash, and after `end`, all of them reject. */
export function encodeOn(
  thread: EncoderThread,
  job: EncodeJob,
): { readonly encoder: Encoder; end(reason: unknown): void } {
  const waiting: { resolve(result: unknown): void; reject(reason: unknown): void }[] = [];
  let ended: { readonly reason: unknown } | null = null;
  const end = (reason: unknown) => {
    ended ??= { reason };
    thread.end();
    for (const { reject } of waiting.splice(0)) reject(reason);
  };
  thread.listen((message) => {
    const call = waiting.shift();
    const reply = message as Reply;
    if ('result' in reply) call?.resolve(reply.result);
    else call?.reject(Object.assign(new Error(reply.error.message), { name: reply.error.name }));
  }, end);
  thread.post(job, []);
  const encoder = bindCalls((name, args) => {
    if (ended) return Promise.reject(ended.reason);
    return new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      thread.post(
        { name, args } satisfies Request,
        name === 'encode' || name === 'setIds' ? buffersOf(args) : [],
      );
    });
  });
  return { encoder, end };
}

/** The other side of encodeOn: answers the first message, which is the job, and the calls that follow. */
export function serveEncoder(
  post: (reply: Reply, transfer: Transferable[]) => void,
): (message: unknown) => void {
  let encoder: BlockEncoder | null = null;
  return (message) => {
    if (encoder === null) {
      encoder = new BlockEncoder(message as EncodeJob);
      return;
    }
    const request = message as Request;
    try {
      const result = callEncoder(encoder, request);
      const isOwn = request.name === 'takeField' || request.name === 'layOut';
      post({ result }, isOwn ? buffersOf([result]) : []);
    } catch (error) {
      const { name, message: text } = error as Error;
      post({ error: { name, message: text } }, []);
    }
  };
}

function bindCalls(call: (name: Call, args: readonly unknown[]) => Promise<unknown>): Encoder {
  const names: readonly Call[] = ['encode', 'keysIn', 'select', 'count', 'takeField', 'setIds', 'layOut'];
  const calls = names.map((name) => [name, (...args: unknown[]) => call(name, args)]);
  return Object.fromEntries(calls) as Encoder;
}

function callEncoder(encoder: BlockEncoder, { name, args }: Request): unknown {
  return (encoder[name] as (...args: readonly unknown[]) => unknown).call(encoder, ...args);
}

/** Of the arrays in values, and in objects among them. */
function buffersOf(values: readonly unknown[]): Transferable[] {
  const buffers = values.flatMap((value) => {
    if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
    return value !== null && typeof value === 'object' ? buffersOf(Object.values(value)) : [];
  });
  return [...new Set(buffers)];
}
