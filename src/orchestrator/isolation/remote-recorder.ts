// The isolate's side of log and progress: sent at once, so that they are there when it is killed in the middle of a loop, but
// never more than the worker has taken by a bounded number.
import type { Exchange } from "../../core/connection/exchange.ts";
import type { ProgressUpdate } from "../../core/job/job-context.ts";
import type { LogLevel } from "../../store/rows/run-records.ts";
import type { AttemptRecorder } from "../attempt/attempt-port.ts";
import { LineQuota } from "../attempt/line-quota.ts";
import { toLogFields, toLogText } from "../attempt/log-limits.ts";
import type { FromIsolate } from "./messages.ts";

/** Errors on their way, and again other lines. What is logged beyond them is counted, and told when there is room. */
const maxLinesUnderway = 2_000;

export class RemoteRecorder implements AttemptRecorder {
  readonly #send: (message: FromIsolate) => void;
  readonly #underway = new LineQuota(maxLinesUnderway);
  #isProgressUnderway = false;
  #latest: ProgressUpdate | undefined;

  constructor(send: (message: FromIsolate) => void) {
    this.#send = send;
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    if (!this.#underway.take(level)) return;
    const plain = fields === undefined ? {} : { fields: toLogFields(fields) };
    this.#send({ type: "log", level, message: toLogText(message), ...plain });
  }

  /** Only the latest waits for the one before to be taken. */
  progress(update: ProgressUpdate): void {
    this.#latest = { ...this.#latest, ...update };
    if (!this.#isProgressUnderway) this.#sendProgress();
  }

  /** Sent at once: each took far longer on its own way. */
  exchange(exchange: Exchange): void {
    this.#send({ type: "exchange", exchange });
  }

  /** Takes word of the worker that it took a line of that level, or a progress. */
  taken(what: LogLevel | "progress"): void {
    if (what !== "progress") this.#underway.giveBack(what);
    else this.#isProgressUnderway = false;
    if (this.#latest !== undefined && !this.#isProgressUnderway) this.#sendProgress();
    this.#tellDropped();
  }

  /** Sends what waits, for the end of the attempt. */
  close(): void {
    if (this.#latest !== undefined) this.#sendProgress();
    this.#tellDropped();
  }

  #sendProgress(): void {
    const { done, total, operation } = this.#latest ?? {};
    this.#latest = undefined;
    this.#isProgressUnderway = true;
    this.#send({
      type: "progress",
      ...(done === undefined ? {} : { done }),
      ...(total === undefined ? {} : { total }),
      ...(operation === undefined ? {} : { operation: toLogText(operation) }),
    });
  }

  #tellDropped(): void {
    const dropped = this.#underway.takeDropped();
    if (dropped === 0) return;
    // It takes the room that the line before gave back, or none.
    this.#underway.take("warn");
    this.#send({
      type: "log",
      level: "warn",
      message: `${dropped} log lines were dropped: more than could be written`,
    });
  }
}
