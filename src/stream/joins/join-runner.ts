// Calls the handler for what has come of a key, and decides what becomes of the key: handled, tried again later, or a dead letter.
import type { Clock } from "../../core/clock.ts";
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { countsAgainstConnection } from "../../core/recovery/circuit-breaker.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import type { ConnectionWatch } from "../../core/stream/stream-reach.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { LeaveSign } from "../worker/leave-sign.ts";
import { LeftError } from "../worker/leave-sign.ts";
import { RecordContext } from "../worker/record-context.ts";
import { deadLetterOf, type SetAsideReason } from "../worker/set-aside.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { joinedRecord } from "./join-arrivals.ts";
import { decodeInput } from "./join-key.ts";
import type { JoinSlot } from "./join-merge.ts";
import type { JoinSettings } from "./join-settings.ts";
import type { JoinTurn } from "./join-turn.ts";

export interface JoinRunnerOptions {
  readonly settings: JoinSettings;
  readonly ctx: JobContext;
  readonly extras: StreamExtras;
  /** One for each input. */
  readonly topics: readonly TopicState[];
  readonly partition: number;
  /** Fingerprint of the code. */
  readonly code: string;
  readonly connections: ConnectionWatch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly sign: LeaveSign;
}

const maxWaitMs = 300_000;

/** Of one partition. */
export class JoinRunner {
  readonly #options: JoinRunnerOptions;
  #isTroubled = false;

  constructor(options: JoinRunnerOptions) {
    this.#options = options;
  }

  /**
   * Handles a key. What comes of it goes into the turn, which writes it with the offsets.
   * @param tries before this one
   * @throws LeftError when it was left before it was done
   */
  async handle(turn: JoinTurn, slot: JoinSlot, tries: number): Promise<void> {
    const { sign, clock, connections } = this.#options;
    for (;;) {
      // Another partition of the run may have heard that what it needs is out of service.
      const restMs = connections.restMs();
      if (restMs > 0) await sign.wait(restMs);
      try {
        await this.#call(turn, slot, tries);
        this.#emit(turn, slot);
        return;
      } catch (thrown) {
        if (sign.isOver) throw new LeftError();
        const error = classifyError(thrown, clock.now());
        const pauseMs = await this.#findPause(error);
        if (pauseMs === 0) return this.#settle(turn, slot, tries + 1, error);
        // a service that is out of order says nothing about the key
        await sign.wait(pauseMs);
      }
    }
  }

  /** Time is over for a key of which something is missing. */
  async expire(turn: JoinTurn, slot: JoinSlot): Promise<void> {
    const { settings } = this.#options;
    if (settings.onExpire === "drop") return turn.remove(slot.key);
    if (settings.onExpire === "emit") return await this.handle(turn, slot, 0);
    const missing = settings.inputs.filter((_, index) => !slot.arrivals.has(index)).map(({ name }) => `\`${name}\``);
    this.#toDeadLetter(turn, slot, {
      attempts: 0,
      error: { code: "JOIN_EXPIRED", message: `time is over, and of the key there is no ${missing.join(", ")}` },
    });
    turn.remove(slot.key);
  }

  /** Gives a key up. What comes of it later is late. */
  giveUp(turn: JoinTurn, slot: JoinSlot, reason: SetAsideReason): void {
    this.#toDeadLetter(turn, slot, reason);
    this.#emit(turn, slot);
  }

  /** A record that cannot be joined. */
  refuse(turn: JoinTurn, input: number, record: LogRecord, { code, message }: MillraceError, attempts = 1): void {
    const reason = { attempts, error: { code, message } };
    turn.effects.deadLetters.push(deadLetterOf(this.#originOf(input), record, reason));
  }

  async #call(turn: JoinTurn, slot: JoinSlot, tries: number): Promise<void> {
    const { settings, ctx, extras, partition, clock, sign, connections } = this.#options;
    const last = slot.arrivals.get(slot.last);
    if (last === undefined) throw new MillraceError("INTERNAL", "a key of a join has no record");
    const { topic, topicId } = this.#originOf(slot.last);
    const now = (): number => clock.now();
    const place = {
      ctx,
      topic,
      topicId,
      partition,
      replay: undefined,
      lookup: extras.lookup,
      store: extras.store,
      now,
    };
    const context = new RecordContext(place, last, tries);
    const returned = await settings.handle(await this.#valuesOf(slot), context);
    if (this.#isTroubled) {
      this.#isTroubled = false;
      await connections.report(undefined);
    }
    if (sign.isOver) throw new LeftError();
    const { output } = settings;
    if (output !== undefined && returned !== undefined) context.produce(output, [returned]);
    if (context.outcome !== undefined) turn.effects.add(context.outcome);
  }

  async #valuesOf({ arrivals }: JoinSlot): Promise<Readonly<Record<string, unknown>>> {
    const { settings, extras, sign } = this.#options;
    const values: Record<string, unknown> = {};
    for (const [index, input] of settings.inputs.entries()) {
      const given = arrivals.get(index);
      if (given === undefined) continue;
      const isToken = given.headers.length > 0 && extras.isToken(given);
      values[input.name] = decodeInput(input, isToken ? await extras.open(given, sign.signal) : given);
    }
    return values;
  }

  #settle(turn: JoinTurn, slot: JoinSlot, attempts: number, error: MillraceError): void {
    if (error.disposition === "skip") return this.#emit(turn, slot);
    const { code, message } = error;
    const { settings, clock, random } = this.#options;
    if (error.disposition !== "retry" || attempts >= settings.deadLetterAfter)
      return this.giveUp(turn, slot, { attempts, error: { code, message } });
    const waitMs = Math.min(maxWaitMs, settings.retryWaitMs * 2 ** (attempts - 1)) * (0.5 + random() / 2);
    const dueAtMs = clock.now() + Math.max(error.retryAfterMs ?? 0, waitMs);
    turn.set({ ...slot, state: "failed", attempts, dueAtMs: Math.ceil(dueAtMs), error: { code, message } });
  }

  // It is remembered for as long as it could have waited, so that what comes late is known to be late.
  #emit(turn: JoinTurn, slot: JoinSlot): void {
    const { expireMs } = this.#options.settings;
    turn.set({ ...slot, state: "emitted", attempts: 0, error: undefined, dueAtMs: slot.firstTimeMs + expireMs });
  }

  #toDeadLetter(turn: JoinTurn, slot: JoinSlot, reason: SetAsideReason): void {
    const names = this.#options.settings.inputs.map(({ name }) => name);
    const joined = joinedRecord(slot.key, slot.arrivals, names);
    const offset = slot.arrivals.get(slot.last)?.offset ?? 0;
    turn.effects.deadLetters.push(deadLetterOf(this.#originOf(slot.last), { ...joined, offset }, reason));
  }

  async #findPause(error: MillraceError): Promise<number> {
    if (error.code === "CONNECTION_BLOCKED") return Math.max(1, error.retryAfterMs ?? 1_000);
    if (!countsAgainstConnection(error.errorClass)) return 0;
    this.#isTroubled = true;
    return await this.#options.connections.report(error);
  }

  #originOf(input: number): Parameters<typeof deadLetterOf>[0] {
    const { topics, partition, code } = this.#options;
    const topic = topics[input];
    if (topic === undefined) throw new MillraceError("INTERNAL", `a join has no input \`${input}\``);
    return { topic: topic.name, topicId: topic.id, partition, code };
  }
}
