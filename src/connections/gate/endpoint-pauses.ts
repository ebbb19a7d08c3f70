// Pauses that concern one endpoint of a service alone, for services that say so: the others go on being asked. All workers know of them
// through the store.
import type { Clock } from "../../core/clock.ts";
import type { QuotaStore } from "../../core/connection/quota-store.ts";
import type { EndpointLimits } from "../../core/connection/transport-options.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatDuration } from "../../core/duration.ts";

export interface EndpointPausesOptions {
  /** Of the credential. */
  readonly name: string;
  readonly rule: EndpointLimits;
  readonly maxWaitMs: number;
  /** How long what was read of the store counts. */
  readonly freshMs: number;
  readonly store: Pick<QuotaStore, "readQuotaBlock" | "blockQuota">;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

interface Pause {
  untilMs: number;
  readAtMs: number;
  /** Refusals since the last answer, for pauses that have to be guessed. */
  refusals: number;
}

/** What is known of each endpoint that was asked. */
export class EndpointPauses {
  readonly #options: EndpointPausesOptions;
  readonly #pauses = new Map<string, Pause>();

  constructor(options: EndpointPausesOptions) {
    this.#options = options;
  }

  /** Whether the pause that an answer asks for is of its endpoint alone. */
  concerns(headers: Readonly<Record<string, string>>): boolean {
    const { header, values } = this.#options.rule;
    const said = headers[header.toLowerCase()];
    return said !== undefined && values.includes(said);
  }

  /** As far as this process knows. */
  isPaused(endpoint: string): boolean {
    return (this.#pauses.get(endpoint)?.untilMs ?? 0) > this.#options.clock.now();
  }

  /** @throws MillraceError `CONNECTION_BLOCKED` with `retryAfterMs` when that is longer than a worker should wait */
  async wait(endpoint: string, signal?: AbortSignal): Promise<void> {
    const { name, store, clock, maxWaitMs, freshMs } = this.#options;
    const pause = this.#of(endpoint);
    for (;;) {
      signal?.throwIfAborted();
      const nowMs = clock.now();
      if (nowMs - pause.readAtMs >= freshMs) {
        const blockedMs = await store.readQuotaBlock(toQuota(name, endpoint));
        pause.readAtMs = nowMs;
        if (blockedMs > 0) pause.untilMs = Math.max(pause.untilMs, nowMs + blockedMs);
      }
      const waitMs = pause.untilMs - clock.now();
      if (waitMs <= 0) return;
      if (waitMs > maxWaitMs) throw blocked(name, endpoint, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }

  /** @param forMs default: guessed, a second and then twice as long each time */
  async pause(endpoint: string, forMs: number | undefined): Promise<void> {
    const { name, store, clock } = this.#options;
    const pause = this.#of(endpoint);
    const ms = forMs ?? Math.min(longestGuessMs, firstPauseMs * 2 ** pause.refusals);
    pause.refusals = Math.min(pause.refusals + 1, 10);
    // at once here: who waits in this process must not be sent while the store writes it down
    pause.untilMs = Math.max(pause.untilMs, clock.now() + ms);
    await store.blockQuota(toQuota(name, endpoint), ms);
  }

  /** An answer came. */
  succeed(endpoint: string): void {
    this.#of(endpoint).refusals = 0;
  }

  #of(endpoint: string): Pause {
    const known = this.#pauses.get(endpoint);
    if (known !== undefined) return known;
    const pause: Pause = { untilMs: 0, readAtMs: -Infinity, refusals: 0 };
    this.#pauses.set(endpoint, pause);
    return pause;
  }
}

const firstPauseMs = 1_000;
const longestGuessMs = 60_000;

/** A method and a path in which segments with a digit or a capital letter, as ids and keys have, stand for any. */
export function toEndpoint(method: string, url: string): string {
  const path = URL.parse(url)?.pathname ?? url;
  return `${method} ${path
    .split("/")
    .map((segment) => (/[\dA-Z]/.test(segment) ? "*" : segment))
    .join("/")}`;
}

function toQuota(name: string, endpoint: string): string {
  return `${name} ${endpoint}`;
}

function blocked(name: string, endpoint: string, waitMs: number): MillraceError {
  return new MillraceError(
    "CONNECTION_BLOCKED",
    `\`${endpoint}\` of \`${name}\` may not be asked for the next ${formatDuration(Math.ceil(waitMs / 1_000) * 1_000)}`,
    { retryAfterMs: waitMs, details: { connection: name, endpoint } },
  );
}
