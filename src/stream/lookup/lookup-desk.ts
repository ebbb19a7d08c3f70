// One look-up of one run: equal keys are asked for once, keys of the same moment in one call, and what was answered is remembered. A
// call that fails is told to the breaker once, however many records wait for it.
import type { Clock } from "../../core/clock.ts";
import type { ServiceConnection } from "../../core/connection/service-connection.ts";
import { formatDuration } from "../../core/duration.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { StreamLogger } from "../../core/stream/job-streams.ts";
import type { Lookup, LookupKey } from "../../core/stream/lookup.ts";
import type { ConnectionWatch } from "../../core/stream/stream-reach.ts";
import { LookupCache } from "./lookup-cache.ts";

export interface LookupServices {
  readonly clock: Pick<Clock, "now" | "sleep">;
  readonly signal: AbortSignal;
  readonly log: StreamLogger;
  readonly connect: (name: string) => ServiceConnection;
  /** Hears how calls went. Default: nobody. */
  readonly watch?: ConnectionWatch;
}

interface Asked<Key, Value> {
  readonly key: Key;
  readonly answer: Promise<Value | undefined>;
  readonly resolve: (value: Value | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Asks one look-up. */
export class LookupDesk<Key extends LookupKey, Value> {
  readonly #lookup: Lookup<Key, Value>;
  readonly #services: LookupServices;
  readonly #cache: LookupCache<Key, Value>;
  /** Those that wait for a call, or for its answer. */
  readonly #asked = new Map<Key, Asked<Key, Value>>();
  #waiting: Asked<Key, Value>[] = [];
  #calls = 0;
  #isGathering = false;
  /** The last call failed: one at a time goes out until one does not. */
  #isSuspect = false;
  #block = { atMs: 0, pauseMs: 0 };

  constructor(lookup: Lookup<Key, Value>, services: LookupServices) {
    this.#lookup = lookup;
    this.#services = services;
    const { maxKeys, ttlMs, negativeTtlMs } = lookup;
    this.#cache = new LookupCache({ maxKeys, ttlMs, negativeTtlMs, now: () => services.clock.now() });
  }

  /** @throws MillraceError `CONNECTION_BLOCKED` while nothing may be asked · `LOOKUP_FAILED` with the disposition of what `load` threw */
  async get(key: Key): Promise<Value | undefined> {
    const known = this.#cache.find(key);
    if (known !== undefined) return known.value;
    const asked = this.#asked.get(key);
    if (asked !== undefined) return await asked.answer;
    this.#assertOpen();
    const entry: Asked<Key, Value> = { key, ...settleable<Value | undefined>() };
    this.#asked.set(key, entry);
    this.#waiting.push(entry);
    void this.#gather();
    return await entry.answer;
  }

  async #gather(): Promise<void> {
    if (this.#waiting.length >= this.#lookup.batchMax) this.#send();
    if (this.#isGathering || this.#waiting.length === 0) return;
    this.#isGathering = true;
    const { clock, signal } = this.#services;
    await (this.#lookup.batchWaitMs === 0 ? nextTurn() : clock.sleep(this.#lookup.batchWaitMs, signal));
    this.#isGathering = false;
    this.#send();
  }

  /** As many calls as may be under way now. */
  #send(): void {
    while (this.#waiting.length > 0 && this.#calls < (this.#isSuspect ? 1 : this.#lookup.concurrency)) {
      const batch = this.#waiting.slice(0, this.#lookup.batchMax);
      this.#waiting = this.#waiting.slice(batch.length);
      this.#calls += 1;
      void this.#call(batch);
    }
  }

  async #call(batch: readonly Asked<Key, Value>[]): Promise<void> {
    try {
      this.#assertOpen();
      const values = await this.#load(batch.map(({ key }) => key));
      for (const { key, resolve } of batch) {
        const value = values.get(key);
        this.#cache.remember(key, value);
        resolve(value);
      }
      this.#isSuspect = false;
      if (this.#lookup.connection !== undefined) await this.#services.watch?.report(undefined);
    } catch (thrown) {
      const error = await this.#judge(thrown);
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { key } of batch) this.#asked.delete(key);
      this.#calls -= 1;
      this.#send();
    }
  }

  async #load(keys: readonly Key[]): Promise<ReadonlyMap<Key, Value>> {
    const { clock, log, connect } = this.#services;
    const { connection, timeoutMs } = this.#lookup;
    const over = new AbortController();
    const late = new AbortController();
    const signal = AbortSignal.any([this.#services.signal, late.signal]);
    const timeout = clock.sleep(timeoutMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort(tooSlow(timeoutMs));
      return signal.aborted ? Promise.reject(signal.reason as Error) : neverAnswered;
    });
    const context = {
      signal,
      log,
      get connection(): ServiceConnection {
        if (connection !== undefined) return connect(connection);
        throw new MillraceError("CONNECTION_UNKNOWN", "it names no connection", {
          hint: "set `connection` of `defineLookup`",
        });
      },
    };
    try {
      return await Promise.race([this.#lookup.load(keys, context), timeout]);
    } finally {
      over.abort();
    }
  }

  /** What whoever waits gets to know. The breaker has heard of it then, so it is not to be counted for each of them. */
  async #judge(thrown: unknown): Promise<MillraceError> {
    const { clock, watch, signal } = this.#services;
    const { name, connection } = this.#lookup;
    const cause = classifyError(thrown, clock.now());
    if (signal.aborted || cause.disposition === "cancel") return cause;
    this.#isSuspect = true;
    if (cause.code === "CONNECTION_BLOCKED") {
      this.#hold(cause.retryAfterMs ?? 0);
      return cause;
    }
    const named = connection === undefined ? undefined : withConnection(cause, connection);
    const pauseMs = named === undefined ? 0 : ((await watch?.report(named)) ?? 0);
    if (pauseMs > 0) {
      this.#hold(pauseMs);
      return blocked(name, pauseMs, cause);
    }
    return new MillraceError("LOOKUP_FAILED", `lookup \`${name}\`: ${cause.message}`, {
      disposition: cause.disposition,
      // it is no news of the connection any more
      errorClass: "unknown",
      cause,
      details: { ...cause.details, lookup: name, cause: cause.code },
      ...(cause.hint === undefined ? {} : { hint: cause.hint }),
      ...(cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
    });
  }

  #hold(pauseMs: number): void {
    this.#block = { atMs: this.#services.clock.now(), pauseMs };
  }

  #assertOpen(): void {
    const ageMs = this.#services.clock.now() - this.#block.atMs;
    const leftMs = this.#block.pauseMs - ageMs;
    // a clock that was put back holds nobody
    if (ageMs >= 0 && leftMs > 0) throw blocked(this.#lookup.name, leftMs);
  }
}

const neverAnswered = new Promise<never>(() => undefined);

function settleable<Value>(): Omit<Asked<never, never>, "key" | "answer" | "resolve"> & {
  readonly answer: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  return { answer: promise, resolve, reject };
}

async function nextTurn(): Promise<void> {
  await new Promise<void>((resolve) => {
    setImmediate(resolve);
  });
}

function withConnection(error: MillraceError, connection: string): MillraceError {
  if (error.details?.["connection"] !== undefined) return error;
  const { code, message, disposition, errorClass, retryAfterMs, cause } = error;
  return new MillraceError(code, message, {
    disposition,
    errorClass,
    cause,
    details: { ...error.details, connection },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function blocked(lookup: string, retryAfterMs: number, cause?: MillraceError): MillraceError {
  return new MillraceError(
    "CONNECTION_BLOCKED",
    `lookup \`${lookup}\` may not ask for the next ${formatDuration(Math.ceil(retryAfterMs))}`,
    { retryAfterMs, hint: "nothing is lost: the records are handled when it is over", cause },
  );
}

function tooSlow(timeoutMs: number): MillraceError {
  return new MillraceError("SERVICE_UNAVAILABLE", `no answer within ${formatDuration(timeoutMs)}`, {
    hint: "raise `timeout` of the lookup, or ask for fewer keys at once",
  });
}
