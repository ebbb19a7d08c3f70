// One operation from its request to its end, over as many streams as that takes. A stream that ends is not the operation's end, and
// leaving a stream does not stop the operation: only `ResultComplete` ends it, and only an interrupt stops it.
import type { Clock } from "../../../core/clock.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type ArrowBatch, BatchAssembler } from "./batch-assembler.ts";
import { ConnectFailure, grpcStatus, isTransient, isUnknownOperation } from "./connect-failure.ts";
import { type ExecutionProgress, parsePlanResponse, type PlanResponse } from "./connect-responses.ts";
import { ReleaseQueue } from "./release-queue.ts";
import type { RetryBackoff } from "./retry-backoff.ts";

/** What an operation gives: rows, or the relation that a command made, in the bytes that came. */
export type PlanResult =
  | ({ readonly kind: "batch" } & ArrowBatch)
  | { readonly kind: "command"; readonly relation: Uint8Array };

/** The calls of one operation, which its session makes. All but `explain` throw `ConnectFailure`. */
export interface OperationCalls {
  readonly operationId: string;
  readonly clock: Clock;
  execute(signal: AbortSignal): AsyncIterable<Uint8Array>;
  reattach(lastResponseId: string | undefined, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** All, and the operation itself, without an id. */
  release(untilResponseId?: string): Promise<void>;
  interrupt(): Promise<void>;
  /** @throws MillraceError `SESSION_LOST` when it is not the one of earlier answers */
  observe(serverSessionId: string): void;
  /** Tokens are asked for with each call, so that a refused one may be followed by one that is taken. */
  readonly canRenewToken: boolean;
  explain(failure: ConnectFailure): Promise<MillraceError>;
}

export interface ExecutionOptions {
  readonly backoff: RetryBackoff;
  /** The operation runs: an earlier process has sent it. */
  readonly isKnown?: boolean;
  readonly onProgress?: (progress: ExecutionProgress) => void;
  readonly signal?: AbortSignal;
  /** Asked before the operation is interrupted or released. Default: it is. */
  readonly isOurs?: () => Promise<boolean>;
}

/** Reads the results of one operation, each once. To stop reading before the end interrupts it. */
export class PlanExecution implements AsyncIterable<PlanResult> {
  readonly #calls: OperationCalls;
  readonly #options: ExecutionOptions;
  readonly #batches = new BatchAssembler();
  readonly #releases: ReleaseQueue;
  /** The server knows the operation, because it has answered for it. */
  #isKnown: boolean;
  #lastResponseId: string | undefined;
  #isComplete = false;
  #hasFailed = false;
  #hasRenewedToken = false;

  constructor(calls: OperationCalls, options: ExecutionOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#isKnown = options.isKnown ?? false;
    this.#releases = new ReleaseQueue((responseId) => calls.release(responseId));
  }

  /** @throws MillraceError what the operation failed with; `RUN_STOPPED` when the signal aborts */
  async *[Symbol.asyncIterator](): AsyncGenerator<PlanResult, void> {
    let isSent = this.#isKnown;
    try {
      while (!this.#isComplete) {
        const startedAt = this.#calls.clock.now();
        const before = this.#lastResponseId;
        try {
          yield* this.#readStream(isSent);
          isSent = true;
          if (!this.#isComplete && before === this.#lastResponseId) await this.#pauseAfterNothing(startedAt);
        } catch (error) {
          isSent = await this.#recover(error);
        }
      }
      this.#batches.end();
    } finally {
      await this.#leave();
    }
  }

  async *#readStream(isSent: boolean): AsyncGenerator<PlanResult, void> {
    const { signal } = this.#options;
    const silence = new AbortController();
    const stop = signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]);
    const { clock } = this.#calls;
    /** Nothing while it is the reader who takes its time. */
    let waitingSince: number | undefined = clock.now();
    const over = new AbortController();
    const watch = this.#watchSilence(() => waitingSince, silence, over.signal);
    try {
      const stream = isSent ? this.#calls.reattach(this.#lastResponseId, stop) : this.#calls.execute(stop);
      for await (const message of stream) {
        waitingSince = undefined;
        const response = parsePlanResponse(message);
        this.#note(response);
        const result = this.#toResult(response);
        if (result !== undefined) {
          yield result;
          // not before a result: until then another process can read all of it
          if (response.responseId !== undefined) this.#releases.until(response.responseId, message.length);
        }
        if (this.#isComplete) return;
        waitingSince = clock.now();
      }
    } catch (error) {
      if (silence.signal.aborted && signal?.aborted !== true) throw silentConnection();
      throw error;
    } finally {
      over.abort();
      await watch;
    }
  }

  /** The server ends each stream after two minutes: one that says nothing for longer has lost its connection. */
  async #watchSilence(
    waitingSince: () => number | undefined,
    silence: AbortController,
    over: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#calls;
    while (!over.aborted) {
      const leftMs = (waitingSince() ?? clock.now()) + silenceMs - clock.now();
      if (leftMs <= 0) {
        silence.abort();
        return;
      }
      await clock.sleep(leftMs, over);
    }
  }

  #note(response: PlanResponse): void {
    if (response.serverSessionId !== undefined) this.#calls.observe(response.serverSessionId);
    this.#isKnown = true;
    this.#hasRenewedToken = false;
    this.#options.backoff.reset();
    if (response.responseId !== undefined) this.#lastResponseId = response.responseId;
    if (response.isComplete) this.#isComplete = true;
    if (response.progress !== undefined) this.#options.onProgress?.(response.progress);
  }

  #toResult({ batch, command }: PlanResponse): PlanResult | undefined {
    if (command !== undefined) return { kind: "command", relation: command };
    const whole = batch === undefined ? undefined : this.#batches.add(batch);
    return whole === undefined ? undefined : { kind: "batch", ...whole };
  }

  /** An empty stream is legal. One that ends at once is no reason to ask again without a pause. */
  async #pauseAfterNothing(startedAt: number): Promise<void> {
    if (this.#calls.clock.now() - startedAt >= 1_000) return;
    if (await this.#options.backoff.wait(undefined, this.#options.signal)) return;
    throw await this.#fail(
      new ConnectFailure({ status: grpcStatus.unavailable, message: "streams end at once without an answer" }),
    );
  }

  /** Waits for the next try. @returns whether the operation was sent, so that the next try asks for it @throws MillraceError */
  async #recover(error: unknown): Promise<boolean> {
    const { signal, backoff } = this.#options;
    this.#assertWanted();
    if (!(error instanceof ConnectFailure)) throw error;
    if (this.#renewsToken(error)) return true;
    const neverArrived = !this.#isKnown && isUnknownOperation(error);
    if (!neverArrived && !isTransient(error)) throw await this.#fail(error);
    if (!(await backoff.wait(error.retryAfterMs, signal))) throw await this.#fail(error);
    this.#assertWanted();
    return !neverArrived;
  }

  #assertWanted(): void {
    const { signal } = this.#options;
    if (signal?.aborted !== true) return;
    throw new MillraceError("RUN_STOPPED", "the query was interrupted", { cause: signal.reason });
  }

  /** Once in a row. */
  #renewsToken({ status }: ConnectFailure): boolean {
    if (status !== grpcStatus.unauthenticated || !this.#calls.canRenewToken || this.#hasRenewedToken) return false;
    this.#hasRenewedToken = true;
    return true;
  }

  async #fail(failure: ConnectFailure): Promise<MillraceError> {
    this.#hasFailed = true;
    return await this.#calls.explain(failure);
  }

  async #leave(): Promise<void> {
    await this.#releases.settled();
    if ((await this.#options.isOurs?.().catch(() => true)) === false) return;
    // both are tries: the server forgets what nobody asks for
    if (!this.#isComplete && !this.#hasFailed) await this.#calls.interrupt().catch(() => undefined);
    await this.#calls.release().catch(() => undefined);
  }
}

const silenceMs = 150_000;

function silentConnection(): ConnectFailure {
  const message = `nothing came for ${silenceMs / 1000} s`;
  return new ConnectFailure({ status: grpcStatus.unavailable, message });
}
