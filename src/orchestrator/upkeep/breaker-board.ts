// The breakers of connections as this process sees them. Outcomes of attempts move them; the store keeps them for everybody
// and shuts the gates of their connections. A success of a healthy connection costs no write, and a read every few seconds.
import {
  applyOutcome,
  type CircuitBreakerOptions,
  type CircuitBreakerPolicy,
  type CircuitOutcome,
  type CircuitState,
  type CircuitWindow,
  closedCircuit,
  countOutcome,
  countsAgainstConnection,
  createCircuitBreakerPolicy,
} from "../../core/recovery/circuit-breaker.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import type { Clock } from "../../core/clock.ts";
import type { MillraceError } from "../../core/errors/errors.ts";
import type { BreakerRecord } from "../../store/upkeep/upkeep-store.ts";
import type { Store } from "../../store/store.ts";

export interface BreakerBoardOptions {
  readonly store: Pick<Store, "findBreaker" | "saveBreaker" | "readClockMs">;
  readonly clock: Pick<Clock, "now">;
  /** Store trouble. Outcomes that cannot be written are forgotten: the next ones tell the same. */
  readonly onError: (error: MillraceError) => void;
  readonly breaker?: CircuitBreakerOptions;
}

/** What the connections of a job are like after an outcome. */
export interface ConnectionWeather {
  /** One of them is open. */
  readonly isBreakerOpen: boolean;
  /** The most failures in a row among them. */
  readonly connectionFailures: number;
}

interface Known {
  readonly record: BreakerRecord;
  readonly readAtMs: number;
}

/** Within a process reports of a connection go one by one, so that only other processes come in between. */
const maxTries = 10;

/** Reports outcomes to breakers. */
export class BreakerBoard {
  readonly #options: BreakerBoardOptions;
  readonly #policy: CircuitBreakerPolicy;
  readonly #freshMs: number;
  readonly #known = new Map<string, Known>();
  readonly #windows = new Map<string, CircuitWindow>();
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(options: BreakerBoardOptions) {
    this.#options = options;
    this.#policy = createCircuitBreakerPolicy(options.breaker);
    // A probe comes no sooner than `openMs` after another process opened the breaker: by then what is known here is stale.
    this.#freshMs = Math.min(5_000, this.#policy.openMs / 2);
  }

  /**
   * Tells how an attempt of a job ended that uses these connections. To be called before the attempt is settled, while the
   * run still holds its slot: then no second probe follows a failed one. Never rejects.
   * @param error `undefined` for success. One whose `details.connection` names a connection is about that one alone
   */
  async report(connections: readonly string[], error: MillraceError | undefined): Promise<ConnectionWeather> {
    const named = error?.details?.["connection"];
    const concerned = typeof named === "string" ? connections.filter((name) => name === named) : connections;
    const outcome = toOutcome(error);
    const states = await Promise.all(
      concerned.map(async (name): Promise<CircuitState> => {
        try {
          return outcome === undefined ? await this.#read(name) : await this.#apply(name, outcome);
        } catch (thrown) {
          this.#options.onError(classifyError(thrown));
          return closedCircuit;
        }
      }),
    );
    return {
      isBreakerOpen: states.some(({ state }) => state !== "closed"),
      connectionFailures: Math.max(0, ...states.map(({ failures }) => failures)),
    };
  }

  /** Closes a breaker for a person who knows that the connection works again. @returns whether it was not closed */
  async reset(connection: string): Promise<boolean> {
    for (let tries = 0; tries < maxTries; tries += 1) {
      const record = await this.#load(connection);
      if (record.state === "closed") return false;
      if (await this.#save({ ...record, ...closedCircuit })) return true;
    }
    return false;
  }

  #apply(name: string, outcome: CircuitOutcome): Promise<CircuitState> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const result = before.catch(() => undefined).then(() => this.#applyNext(name, outcome));
    this.#last.set(name, result);
    return result;
  }

  async #applyNext(name: string, outcome: CircuitOutcome): Promise<CircuitState> {
    const window = this.#count(name, outcome);
    let record = await this.#read(name);
    for (let tries = 0; tries < maxTries; tries += 1) {
      // Gates go by the store's clock, so its time decides; while all is well it is not asked.
      const isQuiet = outcome.kind === "success" && record.state === "closed" && isUntroubled(record);
      if (isQuiet) return record;
      const nowMs = await this.#options.store.readClockMs();
      const next = applyOutcome(this.#policy, record, window, outcome, nowMs);
      if (next === record) return record;
      const wanted = { ...record, ...next };
      if (await this.#save(wanted)) return wanted;
      record = await this.#load(name);
    }
    return record;
  }

  // That permission is refused says nothing about the part of requests that fail.
  #count(name: string, outcome: CircuitOutcome): CircuitWindow {
    const before = this.#windows.get(name);
    const nowMs = this.#options.clock.now();
    const isRefusal = outcome.kind === "failure" && outcome.errorClass === "permission";
    if (isRefusal) return before ?? { sinceMs: nowMs, successes: 0, failures: 0 };
    const window = countOutcome(before, outcome.kind, nowMs);
    this.#windows.set(name, window);
    return window;
  }

  async #read(name: string): Promise<BreakerRecord> {
    const known = this.#known.get(name);
    const ageMs = known === undefined ? Infinity : this.#options.clock.now() - known.readAtMs;
    // A clock that was put back makes nothing fresh.
    return known !== undefined && ageMs >= 0 && ageMs < this.#freshMs ? known.record : await this.#load(name);
  }

  async #load(name: string): Promise<BreakerRecord> {
    const record = (await this.#options.store.findBreaker(name)) ?? { name, version: 0, ...closedCircuit };
    this.#keep(record);
    return record;
  }

  async #save(record: BreakerRecord): Promise<boolean> {
    const isSaved = await this.#options.store.saveBreaker(record);
    if (isSaved) this.#keep({ ...record, version: record.version + 1 });
    return isSaved;
  }

  #keep(record: BreakerRecord): void {
    this.#known.set(record.name, { record, readAtMs: this.#options.clock.now() });
  }
}

// A bug of the job or a wrong request says nothing about the connection, neither good nor bad.
function toOutcome(error: MillraceError | undefined): CircuitOutcome | undefined {
  if (error === undefined) return { kind: "success" };
  const { errorClass, message, retryAfterMs } = error;
  // Files and databases refuse permission, too, and that is no business of a connection.
  if (errorClass === "permission" && error.details?.["status"] !== 403) return undefined;
  return countsAgainstConnection(errorClass) ? { kind: "failure", errorClass, message, retryAfterMs } : undefined;
}

function isUntroubled({ failures, refusals }: CircuitState): boolean {
  return failures === 0 && refusals === 0;
}
