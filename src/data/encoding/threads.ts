/** Another thread, which hands its messages to what `serveEncoder` returns. */
export interface EncoderThread {
  post(message: unknown, transfer: Transferable[]): void;
  listen(onMessage: (message: unknown) => void, onCrash: (error: Error) => void): void;
  end(): void;
}

/** What this machine has for encoding beside the thread that reads. */
export interface EncoderThreads {
  readonly count: number;
  start(): Promise<EncoderThread>;
}
