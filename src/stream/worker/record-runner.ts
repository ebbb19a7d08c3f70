// Takes one record to its end: decode → handle → classify → try again, park or give up. Whatever comes out is written with the
// offset of the record; a record whose partition is left before it is done leaves nothing.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { countsAgainstConnection } from "../../core/recovery/circuit-breaker.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { ConnectionWatch } from "../../core/stream/stream-reach.ts";
import { invalidRecord } from "../produce/encode-value.ts";
import { Effects, type Outcome } from "./effects.ts";
import { type LeaveSign, LeftError } from "./leave-sign.ts";
import { RecordContext, type RecordPlace } from "./record-context.ts";
import { parkedOf, type RecordOrigin, type SetAsideReason, toDeadLetter } from "./set-aside.ts";
import type { StreamExtras } from "./stream-extras.ts";
import type { WorkerSettings } from "./worker-settings.ts";

export interface RecordRunnerOptions {
  readonly settings: WorkerSettings;
  readonly place: RecordPlace;
  readonly origin: RecordOrigin;
  readonly connections: ConnectionWatch;
  readonly extras: StreamExtras;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sign: LeaveSign;
}

/** How a record that failed goes on. */
type Verdict =
  | { readonly verdict: "done"; readonly outcome: Outcome }
  | { readonly verdict: "again"; readonly waitMs: number; readonly isCounted: boolean };

const maxWaitMs = 300_000;
const decoder = new TextDecoder();

/** Of one partition. */
export class RecordRunner {
  readonly #options: RecordRunnerOptions;
  /** While it is there, no record of the partition is begun: what they need is known to be out of service. */
  #hold: Promise<void> | undefined;
  #isTroubled = false;

  constructor(options: RecordRunnerOptions) {
    this.#options = options;
  }

  /** Whether nothing is to be begun, as what records need is out of service. */
  get isHeld(): boolean {
    return this.#hold !== undefined || this.#options.connections.restMs() > 0;
  }

  /**
   * Handles a record. A handler that returns no promise is done when this returns, which is what makes it fast.
   * @param tries before this one
   * @throws LeftError, or the reason of the abort, when it was left
   */
  run(record: LogRecord, tries: number): Outcome | Promise<Outcome> {
    const { settings, extras } = this.#options;
    if (this.isHeld || this.#isTroubled || (record.headers.length > 0 && extras.isToken(record)))
      return this.#runSlowly(record, tries);
    const ctx = new RecordContext(this.#options.place, record, tries);
    let returned: unknown;
    try {
      returned = settings.handle(this.#decode(record), ctx);
    } catch (thrown) {
      return this.#recover(record, tries, thrown);
    }
    if (!isPromise(returned)) return ctx.outcome;
    return returned.then(
      () => ctx.outcome,
      (thrown: unknown) => this.#recover(record, tries, thrown),
    );
  }

  /** Gives up a record that was tried often enough. */
  giveUp(record: LogRecord, attempts: number, error: SetAsideReason["error"]): Effects {
    return toDeadLetter(this.#options.origin, record, { attempts, error });
  }

  async #runSlowly(record: LogRecord, tries: number): Promise<Outcome> {
    await this.#waitForService();
    try {
      return await this.#try(record, tries);
    } catch (thrown) {
      return await this.#recover(record, tries, thrown);
    }
  }

  async #try(given: LogRecord, tries: number): Promise<Outcome> {
    const { settings, extras, place, sign, connections } = this.#options;
    const isToken = given.headers.length > 0 && extras.isToken(given);
    const record = isToken ? await extras.open(given, sign.signal) : given;
    const ctx = new RecordContext(place, record, tries);
    await settings.handle(this.#decode(record), ctx);
    if (this.#isTroubled) {
      this.#isTroubled = false;
      await connections.report(undefined);
    }
    return ctx.outcome;
  }

  /** @throws what ends the loop, when that ended the wait: the service is still out of order */
  async #waitForService(): Promise<void> {
    const { connections, sign } = this.#options;
    // Another partition of the run may have heard of it.
    this.#rest(connections.restMs());
    if (this.#hold === undefined) return;
    await this.#hold;
    sign.signal.throwIfAborted();
  }

  async #recover(record: LogRecord, before: number, first: unknown): Promise<Outcome> {
    let tries = before;
    for (let thrown = first; ;) {
      const { sign } = this.#options;
      // Whatever a handler throws because all is over, it is not the record's fault.
      if (sign.isOver) throw new LeftError();
      const verdict = await this.#judge(record, tries, classifyError(thrown, this.#options.clock.now()));
      if (verdict.verdict === "done") return verdict.outcome;
      if (verdict.isCounted) tries += 1;
      await sign.wait(verdict.waitMs);
      await this.#waitForService();
      try {
        return await this.#try(record, tries);
      } catch (again) {
        thrown = again;
      }
    }
  }

  /** @param tries before the one that failed */
  async #judge(record: LogRecord, tries: number, error: MillraceError): Promise<Verdict> {
    const { settings, origin } = this.#options;
    const pausedMs = await this.#findPause(error);
    // A service that is out of order says nothing about the record.
    if (pausedMs > 0) return { verdict: "again", waitMs: pausedMs, isCounted: false };
    if (error.disposition === "skip") return { verdict: "done", outcome: undefined };
    const attempts = tries + 1;
    if (error.disposition !== "retry" || attempts >= settings.deadLetterAfter)
      return { verdict: "done", outcome: toDeadLetter(origin, record, { attempts, error }) };
    const waitMs = this.#waitMs(attempts, error);
    if (settings.onFailure === "block") return { verdict: "again", waitMs, isCounted: true };
    const outcome = new Effects();
    const laneKey = laneKeyOf(record);
    outcome.parked.push(parkedOf(origin, record, { attempts, error, laneKey, dueInMs: waitMs }));
    return { verdict: "done", outcome };
  }

  async #findPause(error: MillraceError): Promise<number> {
    if (error.code === "CONNECTION_BLOCKED") return this.#rest(error.retryAfterMs ?? 1_000);
    // A lookup has told of its own failure.
    if (error.code === "LOOKUP_FAILED" || !countsAgainstConnection(error.errorClass)) return 0;
    this.#isTroubled = true;
    return this.#rest(await this.#options.connections.report(error));
  }

  #rest(ms: number): number {
    if (ms <= 0) return 0;
    const { clock, sign } = this.#options;
    const hold = clock.sleep(ms, sign.signal).then(() => {
      if (this.#hold === hold) this.#hold = undefined;
    });
    this.#hold = hold;
    return ms;
  }

  #waitMs(attempts: number, { retryAfterMs = 0 }: MillraceError): number {
    const { settings, random } = this.#options;
    const waitMs = Math.min(maxWaitMs, settings.retryWaitMs * 2 ** (attempts - 1));
    return Math.ceil(Math.max(retryAfterMs, waitMs * (0.5 + random() / 2)));
  }

  #decode({ value }: LogRecord): unknown {
    const { topic } = this.#options.settings;
    const json = value === null ? null : parseJson(topic.name, value);
    const checked = topic.schema.safeParse(json);
    if (checked.success) return checked.data;
    throw invalidRecord(topic.name, checked.error.issues[0]?.path);
  }
}

/** What the order of records is kept by: the key, or the record itself where it has none. */
export function laneKeyOf({ key, offset }: LogRecord): string {
  return key === null ? `@${offset}` : `=${decoder.decode(key)}`;
}

function parseJson(topic: string, value: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(value));
  } catch {
    throw new MillraceError("RECORD_INVALID", `value in topic \`${topic}\` is no JSON`, {
      hint: "what produces into the topic must write JSON",
    });
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
