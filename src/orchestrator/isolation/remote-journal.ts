// The isolate's side of log and progress: sent at once, so that they are there when it is killed in the middle of a loop, but
// never more than the worker has taken by a bounded number.
import type { ProgressUpdate } from "../../core/job-context.ts";
import type { LogLevel } from "../../store/run-records.ts";
import type { AttemptJournal } from "../attempt-port.ts";
import { toLogFields, toLogText } from "../log-limits.ts";
import type { FromIsolate } from "./messages.ts";

/** Lines on their way. What is logged beyond them is counted, and told with the next line that finds room. */
const maxLinesUnderway = 2_000;

export class RemoteJournal implements AttemptJournal {
  readonly #send: (message: FromIsolate) => void;
  #linesUnderway = 0;
  #dropped = 0;
  #isProgressUnderway = false;
  #latest: ProgressUpdate | undefined;

  constructor(send: (message: FromIsolate) => void) {
    this.#send = send;
  }

  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    if (this.#linesUnderway >= maxLinesUnderway) {
      this.#dropped += 1;
      return;
    }
    this.#linesUnderway += 1;
    const plain = fields === undefined ? {} : { fields: toLogFields(fields) };
    this.#send({ type: "log", level, message: toLogText(message), ...plain });
  }

  /** Only the latest waits for the one before to be taken. */
  progress(update: ProgressUpdate): void {
    this.#latest = { ...this.#latest, ...update };
    if (!this.#isProgressUnderway) this.#sendProgress();
  }

  /** Takes word of the worker that it took so many lines and progresses. */
  taken(lines: number, progress: number): void {
    this.#linesUnderway -= lines;
    if (progress > 0) this.#isProgressUnderway = false;
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
    if (this.#dropped === 0) return;
    const message = `${this.#dropped} log lines were dropped: more than could be written`;
    this.#dropped = 0;
    this.#linesUnderway += 1;
    this.#send({ type: "log", level: "warn", message });
  }
}
