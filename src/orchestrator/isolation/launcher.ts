// The port through which attempts get a thread or process of their own. The platform fits it; the orchestrator decides when.

/** Starts isolates. */
export interface Launcher {
  /** Never throws: an isolate that cannot start has ended with the error. */
  launch(request: LaunchRequest): Isolate;
}

export interface LaunchRequest {
  readonly mode: "thread" | "process";
  /** For lists of processes and threads. */
  readonly name: string;
  /** Called with each message, in order, never before `launch` has returned. */
  readonly onMessage: (message: unknown) => void;
}

/** A thread or process that executes one attempt. Messages are structured clones. */
export interface Isolate {
  /** Nothing happens when it has ended. */
  send(message: object): void;
  /**
   * Ends it whatever it does, a loop without an end included. `term` lets a process that handles the signal leave by itself
   * for a moment; `now` does not. With a process all that it started and that is still of its group is ended.
   */
  kill(how: "term" | "now"): void;
  /** Resolves when nothing of it runs any more. Never rejects. */
  readonly ended: Promise<IsolateEnd>;
}

export interface IsolateEnd {
  readonly exitCode: number | undefined;
  /** Name of the signal that ended a process. */
  readonly signal: string | undefined;
  /** An error that nobody caught, or why it could not start. */
  readonly error: Error | undefined;
}
