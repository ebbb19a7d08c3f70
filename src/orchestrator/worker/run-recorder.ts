// Progress, log lines and exchanges of the runs of one process: kept in memory, written together a few times a second.
// Losing the last quarter second of them in a crash is accepted; outcomes never pass through here.
import type { Clock } from "../../core/clock.ts";
import type { Exchange } from "../../core/connection/exchange.ts";
import type { ProgressUpdate } from "../../core/job/job-context.ts";
import type { RunId } from "../../core/run-id.ts";
import type { LogLevel, NewLogLine, ProgressRecord } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { LineQuota } from "../attempt/line-quota.ts";
import { ExchangeLog } from "./exchange-log.ts";
import { toLogFields, toLogText } from "../attempt/log-limits.ts";

type RecorderStore = Pick<Store, "appendLogs" | "recordProgress" | "appendExchanges">;

const flushEveryMs = 250;
/** All runs together keep so many lines between two writes, and as many errors beside them. */
const maxBufferedLines = 10_000;
/** One run keeps so many, so that a flood of its lines does not push out those of others. */
const maxLinesOfRun = 1_000;

/** Buffers what is written often and may be lost. */
export class RunRecorder {
  readonly #store: RecorderStore;
  readonly #exchanges: ExchangeLog;
  readonly #clock: Clock;
  readonly #latest = new Map<RunId, ProgressRecord>();
  readonly #changed = new Set<RunId>();
  readonly #quotas = new Map<RunId, LineQuota>();
  #allLines = new LineQuota(maxBufferedLines);
  #lines: NewLogLine[] = [];
  #flushing: Promise<void> | undefined;
  readonly #closed = new AbortController();

  constructor(store: RecorderStore, clock: Clock) {
    this.#store = store;
    this.#exchanges = new ExchangeLog(store, clock);
    this.#clock = clock;
  }

  /** Replaces the run's progress; fields that are not given keep their value. */
  progress(runId: RunId, update: ProgressUpdate): void {
    const before = this.#latest.get(runId);
    this.#latest.set(runId, {
      runId,
      done: update.done ?? before?.done,
      total: update.total ?? before?.total,
      operation: update.operation === undefined ? before?.operation : toLogText(update.operation),
      atMs: this.#clock.now(),
    });
    this.#changed.add(runId);
    this.#schedule();
  }

  /** Keeps a log line. What a run logs beyond 1,000 errors and 1,000 other lines in a quarter of a second is counted instead. */
  log(runId: RunId, level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void {
    let quota = this.#quotas.get(runId);
    if (quota === undefined) this.#quotas.set(runId, (quota = new LineQuota(maxLinesOfRun)));
    if (!quota.take(level)) return;
    if (!this.#allLines.take(level)) return quota.drop();
    const plain = fields === undefined ? {} : { fields: toLogFields(fields) };
    this.#lines.push({ runId, atMs: this.#clock.now(), level, message: toLogText(message), ...plain });
    this.#schedule();
  }

  /** Notes what an attempt of the run asked of a service. */
  exchange(runId: RunId, attempt: number, exchange: Exchange): void {
    this.#exchanges.note(runId, attempt, exchange);
  }

  /** Writes everything that is buffered, but for exchanges, which have a pace of their own. */
  async flush(): Promise<void> {
    const lines = this.#takeLines();
    const progress = [...this.#changed].flatMap((runId) => this.#latest.get(runId) ?? []);
    this.#changed.clear();
    if (lines.length > 0) await this.#store.appendLogs(lines);
    if (progress.length > 0) await this.#store.recordProgress(progress);
  }

  /** Writes what is buffered of the run, as far as the store can be reached, and forgets the run. */
  end(runId: RunId): Promise<void> | undefined {
    const exchanges = this.#exchanges.end(runId);
    if (exchanges === undefined && !this.#quotas.has(runId) && !this.#latest.has(runId)) return undefined;
    return this.#endFlushed(runId, exchanges);
  }

  /** Writes the rest, as far as the store can be reached, and stops the timer. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#flushing;
    await this.#exchanges.close();
    await this.#tryFlush();
  }

  async #endFlushed(runId: RunId, exchanges: Promise<void> | undefined): Promise<void> {
    await exchanges;
    await this.#tryFlush();
    this.#latest.delete(runId);
  }

  #schedule(): void {
    if (this.#closed.signal.aborted) return;
    this.#flushing ??= this.#clock
      .sleep(flushEveryMs, this.#closed.signal)
      .then(() => this.#tryFlush())
      .finally(() => {
        this.#flushing = undefined;
      });
  }

  // Logs and progress are the least of a store in trouble: they must not keep an outcome from being recorded, whose own
  // write reports the trouble.
  async #tryFlush(): Promise<void> {
    await this.flush().catch(() => undefined);
  }

  #takeLines(): NewLogLine[] {
    const lines = this.#lines;
    for (const [runId, quota] of this.#quotas) {
      const dropped = quota.takeDropped();
      if (dropped > 0) {
        const message = `${dropped} log lines were dropped: more than could be written`;
        lines.push({ runId, atMs: this.#clock.now(), level: "warn", message });
      }
    }
    this.#lines = [];
    this.#quotas.clear();
    this.#allLines = new LineQuota(maxBufferedLines);
    return lines;
  }
}
