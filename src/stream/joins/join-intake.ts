// Finds the keys of records. One whose key cannot be known is a dead letter, and the others go on.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { TopicState } from "../../core/stream/stream-log.ts";
import type { LogRecord } from "../../core/stream/stream-record.ts";
import type { LeaveSign } from "../worker/leave-sign.ts";
import type { StreamExtras } from "../worker/stream-extras.ts";
import { decodeInput, joinKeyOf } from "./join-key.ts";
import type { JoinRunner } from "./join-runner.ts";
import type { JoinSettings } from "./join-settings.ts";
import type { JoinTurn } from "./join-turn.ts";

export interface JoinIntakeOptions {
  readonly settings: JoinSettings;
  readonly extras: StreamExtras;
  /** One for each input. */
  readonly topics: readonly TopicState[];
  readonly runner: JoinRunner;
  readonly sign: LeaveSign;
}

/** A record with the key that it waits under. */
export interface KeyedRecord {
  readonly key: string;
  readonly record: LogRecord;
}

/** Of one partition. */
export class JoinIntake {
  readonly #options: JoinIntakeOptions;

  constructor(options: JoinIntakeOptions) {
    this.#options = options;
  }

  /** Those that have a key, in their order; the others are dead letters of the turn. */
  async toKeys(turn: JoinTurn, input: number, records: readonly LogRecord[]): Promise<readonly KeyedRecord[]> {
    const { settings, extras, topics, runner, sign } = this.#options;
    const definition = settings.inputs[input];
    if (definition === undefined) return [];
    const partitions = topics[input]?.bounds.length ?? 1;
    const keyed: KeyedRecord[] = [];
    for (const record of records) {
      try {
        const isToken = record.headers.length > 0 && extras.isToken(record);
        const opened = isToken ? await this.#open(record) : record;
        keyed.push({ key: joinKeyOf(definition, decodeInput(definition, opened), record, partitions), record });
      } catch (thrown) {
        if (sign.isOver) throw thrown;
        const error = classifyError(thrown);
        if (error.disposition === "cancel") throw error;
        runner.refuse(turn, input, record, error);
      }
    }
    return keyed;
  }

  /** A payload that may still come is waited for, since its key is not known without it. */
  async #open(record: LogRecord): Promise<LogRecord> {
    const { settings, extras, sign } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await extras.open(record, sign.signal);
      } catch (thrown) {
        const error = classifyError(thrown);
        if (error.disposition !== "retry" || tries >= settings.deadLetterAfter) throw error;
        await sign.wait(Math.max(error.retryAfterMs ?? 0, settings.retryWaitMs * 2 ** (tries - 1)));
      }
    }
  }
}
