import { openScoring, WorkerError } from '../../worker/client.ts';
import type { ScoringReply, ScoringRequest } from '../../worker/protocol.ts';

export type ScoredFile = Extract<ScoringReply, { type: 'scored' }>;

/** Scores a file in a worker that lives as long as this takes. Rejects with WorkerError, and with the signal's reason when aborted. */
export function scoreFile(
  request: ScoringRequest,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<ScoredFile> {
  const worker = openScoring();
  return new Promise<ScoredFile>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    worker.listen(
      (reply) => {
        if (reply.type === 'progress') onProgress(reply.share);
        else if (reply.type === 'scored') resolve(reply);
        else reject(new WorkerError(reply.failure));
      },
      (failure) => reject(new WorkerError(failure)),
    );
    worker.post(request);
  }).finally(() => worker.close());
}
