// The gate of one credential: nothing is sent while the service asks for a pause, not more at once than it bears, and not more
// per window than is declared. All workers share pause and window through the store; this is what stands before it in each.
import type { Clock } from "../../core/clock.ts";
import type { ConnectionLimits } from "../../core/connection/transport-options.ts";
import { formatDuration, parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { readRateLimit } from "../../core/errors/rate-limit-headers.ts";
import { EndpointPauses } from "./endpoint-pauses.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { PointBudget } from "./point-budget.ts";
import type { QuotaStore } from "../../core/connection/quota-store.ts";

export interface RequestGateOptions {
  /** Of the credential; all connections with the same one share its gate. */
  readonly name: string;
  readonly limits: ConnectionLimits;
  readonly store: QuotaStore;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

/** What an answer says about how it went. */
export interface GateAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Leave to send one request. */
export interface GatePass {
  /** To be told as soon as the headers are there. @returns whether the service asked for a pause instead of an answer */
  note(answer: GateAnswer): Promise<boolean>;
  /** To be called when the exchange is over, with its body. */
  leave(): void;
}

interface Waiter {
  /** With nothing when its endpoint is paused meanwhile. */
  readonly resolve: (pass: GatePass | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** What its request costs. */
  readonly points: number;
  readonly endpoint: string | undefined;
}

/** What one request is of its connection. */
export interface GateEntry {
  /** Points of the request. */
  readonly cost?: number | undefined;
  /** What pauses on its own, where the connection has such limits. */
  readonly endpoint?: string | undefined;
}

const defaultConcurrency = 8;
/** How long it takes until a pause that another process met is known here, while requests are sent. */
const freshMs = 200;
const firstPauseMs = 1_000;
const longestGuessMs = 60_000;

/** Lets requests through, first come, first served. */
export class RequestGate {
  readonly #options: RequestGateOptions;
  readonly #concurrency: ConcurrencyLimit;
  readonly #maxWaitMs: number;
  readonly #window: { readonly limit: number; readonly windowMs: number } | undefined;
  readonly #points: PointBudget | undefined;
  readonly #endpoints: EndpointPauses | undefined;
  readonly #waiting: Waiter[] = [];
  #underWay = 0;
  #quota = 0;
  #blockedUntilMs = 0;
  #readAtMs = -Infinity;
  #pausesInRow = 0;
  /** Whether the points of the next one are paid. */
  #isPaid = false;
  #isPumping = false;
  #sleep: AbortController | undefined;

  constructor(options: RequestGateOptions) {
    this.#options = options;
    const { concurrency = defaultConcurrency, requests, points, maxWait = "1m" } = options.limits;
    this.#concurrency = new ConcurrencyLimit(concurrency);
    this.#maxWaitMs = parseDuration(maxWait, "maxWait");
    this.#points = points && new PointBudget(options.name, points);
    const rule = options.limits.endpoints;
    this.#endpoints = rule && new EndpointPauses({ ...options, rule, maxWaitMs: this.#maxWaitMs, freshMs });
    this.#window = requests && { limit: requests.count, windowMs: parseDuration(requests.per, "per") };
  }

  /**
   * Waits for its turn. @throws MillraceError `CONNECTION_BLOCKED` with `retryAfterMs` when that is longer than a worker should
   * wait: the run is then to give its worker back
   */
  async enter(signal?: AbortSignal, { cost, endpoint }: GateEntry = {}): Promise<GatePass> {
    signal?.throwIfAborted();
    const points = this.#points?.cost(cost) ?? 0;
    for (;;) {
      if (endpoint !== undefined) await this.#endpoints?.wait(endpoint, signal);
      const pass = await this.#queue({ points, endpoint }, signal);
      if (pass !== undefined) return pass;
    }
  }

  async #queue(
    entry: Pick<Waiter, "points" | "endpoint">,
    signal: AbortSignal | undefined,
  ): Promise<GatePass | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<GatePass | undefined>();
    const waiter: Waiter = { ...entry, resolve, reject };
    const stop = (): void => {
      this.#forget(waiter);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
    this.#waiting.push(waiter);
    void this.#pump();
    return await promise.finally(() => signal?.removeEventListener("abort", stop));
  }

  /** Nothing is sent for that long, in any process: for services that say so in a body. */
  async block(forMs: number): Promise<void> {
    // At once here: who waits in this process must not be sent while the store writes it down.
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, this.#options.clock.now() + forMs);
    await this.#options.store.blockQuota(this.#options.name, forMs);
  }

  // One loop for all who wait, so that they go in order and the store is asked once for many.
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.#waiting.length > 0 && this.#underWay < this.#concurrency.value) {
        const waitMs = await this.#findWait();
        if (waitMs > this.#maxWaitMs) this.#turnAway(waitMs);
        else if (waitMs > 0) await this.#rest(waitMs);
        else this.#letThrough();
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    } finally {
      this.#isPumping = false;
    }
  }

  /** 0 when a request may be sent now. */
  async #findWait(): Promise<number> {
    const waitMs = await this.#findWindowWait();
    if (waitMs > 0 || this.#isPaid) return waitMs;
    const unpaidMs = (await this.#points?.pay(this.#options.store, this.#waiting[0]?.points ?? 0)) ?? 0;
    this.#isPaid = unpaidMs <= 0;
    return unpaidMs;
  }

  async #findWindowWait(): Promise<number> {
    const { name, store, clock } = this.#options;
    if (this.#window === undefined) {
      if (clock.now() - this.#readAtMs >= freshMs) this.#learn(await store.readQuotaBlock(name));
      return this.#blockedUntilMs - clock.now();
    }
    const blockedMs = this.#blockedUntilMs - clock.now();
    if (blockedMs > 0 || (this.#quota > 0 && clock.now() - this.#readAtMs < freshMs)) return blockedMs;
    const want = Math.max(1, Math.min(this.#waiting.length, this.#concurrency.value - this.#underWay));
    const grant = await store.takeQuota({ name, want, ...this.#window });
    this.#learn(grant.blockedMs);
    this.#quota = grant.granted;
    return Math.max(this.#blockedUntilMs - clock.now(), grant.waitMs);
  }

  #learn(blockedMs: number): void {
    const nowMs = this.#options.clock.now();
    this.#readAtMs = nowMs;
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, nowMs + blockedMs);
  }

  #letThrough(): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    if (waiter.endpoint !== undefined && this.#endpoints?.isPaused(waiter.endpoint) === true) {
      // it waits before the queue, and holds up nobody here
      waiter.resolve(undefined);
      return;
    }
    this.#quota -= 1;
    this.#isPaid = false;
    this.#underWay += 1;
    waiter.resolve(this.#createPass(waiter.endpoint));
  }

  #createPass(endpoint: string | undefined): GatePass {
    const begun = this.#concurrency.begin();
    let isOver = false;
    return {
      note: (answer) => this.#note(answer, begun, endpoint),
      leave: () => {
        if (isOver) return;
        isOver = true;
        this.#underWay -= 1;
        void this.#pump();
      },
    };
  }

  async #note({ status, headers }: GateAnswer, begun: number, endpoint: string | undefined): Promise<boolean> {
    const { clock, limits } = this.#options;
    const { retryAfterMs, isQuotaUsedUp } = readRateLimit((name) => headers[name], clock.now(), limits.headers);
    const isPause =
      status === 429 || ((status === 403 || status === 503) && (retryAfterMs !== undefined || isQuotaUsedUp));
    if (isPause || status === 503) this.#concurrency.overload(begun);
    else this.#concurrency.succeed();
    const isOfEndpoint = endpoint !== undefined && this.#endpoints?.concerns(headers) === true;
    if (isPause && isOfEndpoint) await this.#endpoints?.pause(endpoint, retryAfterMs);
    else if (isPause) {
      const guessMs = Math.min(longestGuessMs, firstPauseMs * 2 ** this.#pausesInRow);
      this.#pausesInRow = Math.min(this.#pausesInRow + 1, 10);
      await this.block(retryAfterMs ?? guessMs);
    } else {
      this.#pausesInRow = 0;
      if (endpoint !== undefined) this.#endpoints?.succeed(endpoint);
      // The last answer of a quota tells when there is more; to ask sooner would only be refused.
      if (isQuotaUsedUp && retryAfterMs !== undefined) await this.block(retryAfterMs);
    }
    return isPause;
  }

  #turnAway(waitMs: number): void {
    const { name } = this.#options;
    const error = new MillraceError(
      "CONNECTION_BLOCKED",
      `nothing may be sent to \`${name}\` for the next ${formatDuration(Math.ceil(waitMs / 1_000) * 1_000)}`,
      { retryAfterMs: waitMs, details: { connection: name } },
    );
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async #rest(waitMs: number): Promise<void> {
    this.#sleep = new AbortController();
    await this.#options.clock.sleep(waitMs, this.#sleep.signal);
    this.#sleep = undefined;
  }

  #forget(waiter: Waiter): void {
    const index = this.#waiting.indexOf(waiter);
    if (index >= 0) this.#waiting.splice(index, 1);
    if (this.#waiting.length === 0) this.#sleep?.abort();
  }
}
