// Collects the progress of executing runs for clients: the newest report of each run, at most as often as clients are
// told, with its pace and its estimated end.
import type { ProgressMessage } from "../../api/event-message.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { estimate, type PastDurations, type ProgressSample } from "../../insight/estimate.ts";
import type { FeedProgress } from "../../store/feed/feed-store.ts";
import { toInstant } from "../views/to-instant.ts";

export interface ProgressBoardOptions {
  /** How long runs of a job took before. */
  readonly pastOf?: ((job: string) => PastDurations | undefined) | undefined;
}

/** Reports a second apart tell the pace well enough; more would cost more than they say. */
const sampleEveryMs = 1_000;
const maxSamples = 60;

/** A run whose worker reports nothing for so long begins anew. */
const forgottenAfterMs = 15 * 60_000;

/** Pure but for what it remembers of the runs. */
export class ProgressBoard {
  readonly #runs = new Map<RunId, Known>();
  /** Newest event of runs that ended: no report comes after it. */
  readonly #ends = new Map<RunId, number>();
  readonly #pastOf: ProgressBoardOptions["pastOf"];

  constructor({ pastOf }: ProgressBoardOptions = {}) {
    this.#pastOf = pastOf;
  }

  /** An attempt of the run is over. */
  end(runId: RunId, seq: number): void {
    this.#runs.delete(runId);
    this.#ends.set(runId, seq);
    if (this.#ends.size > 20_000)
      for (const oldest of [...this.#ends.keys()].slice(0, 10_000)) this.#ends.delete(oldest);
  }

  /** Since when to ask for reports: all that may be newer than what is known, whatever the clocks of workers say. */
  sinceMs(nowMs: number): number {
    return nowMs - forgottenAfterMs;
  }

  /** @returns messages of those runs that are further than they were */
  take(reports: readonly FeedProgress[], nowMs: number): readonly TakenProgress[] {
    const taken: TakenProgress[] = [];
    for (const report of reports) {
      const { runId, rootRunId, job } = report;
      const isOver = report.seq <= (this.#ends.get(runId) ?? 0);
      if (isOver || !this.#isNew(report)) continue;
      taken.push({ runId, rootRunId, job, message: this.#toMessage(report, nowMs) });
    }
    this.#forget(reports);
    return taken;
  }

  // A new attempt begins with samples of its own. Several reports may be of the same millisecond.
  #isNew(report: FeedProgress): boolean {
    const known = this.#runs.get(report.runId);
    if (known?.last.attemptStartedAtMs !== report.attemptStartedAtMs) {
      this.#runs.set(report.runId, { last: report, samples: [] });
      return true;
    }
    const { last } = known;
    known.last = report;
    return (["atMs", "done", "total", "operation"] as const).some((field) => last[field] !== report[field]);
  }

  #toMessage(report: FeedProgress, nowMs: number): ProgressMessage {
    const { job, done, total, operation, startedAtMs, attemptStartedAtMs } = report;
    const samples = this.#sample(report);
    const known = estimate({ samples, startedAtMs, attemptStartedAtMs, nowMs, past: this.#pastOf?.(job) });
    const percent = known.percent ?? null;
    return {
      type: "job_progress",
      job_name: job,
      run_id: formatRunId(report.runId),
      root_run_id: formatRunId(report.rootRunId),
      seq: report.seq,
      at: toInstant(report.atMs),
      percent,
      progress: percent,
      operation: operation ?? null,
      done: done ?? null,
      total: total ?? null,
      rate: known.ratePerSecond ?? null,
      eta: known.eta === undefined ? null : toEta(known.eta, nowMs),
    };
  }

  // The newest report counts at once; it is kept when it is a while after the one before.
  #sample({ runId, atMs, done, total }: FeedProgress): readonly ProgressSample[] {
    const samples = this.#runs.get(runId)?.samples ?? [];
    if (done === undefined) return samples;
    const sample = { atMs, done, total };
    const last = samples.at(-1);
    if (last !== undefined && done >= last.done && atMs - last.atMs < sampleEveryMs) return [...samples, sample];
    samples.push(sample);
    if (samples.length > maxSamples) samples.shift();
    return samples;
  }

  // Runs that no longer report have no lease any more.
  #forget(reports: readonly FeedProgress[]): void {
    if (this.#runs.size <= 2 * reports.length + 100) return;
    const present = new Set(reports.map(({ runId }) => runId));
    for (const runId of this.#runs.keys()) if (!present.has(runId)) this.#runs.delete(runId);
  }
}

export interface TakenProgress {
  readonly runId: RunId;
  readonly rootRunId: RunId;
  readonly job: string;
  readonly message: ProgressMessage;
}

interface Known {
  readonly samples: ProgressSample[];
  last: FeedProgress;
}

/** Beyond what a date can hold nobody waits. */
const latestMs = 8_640_000_000_000_000;

function toEta({ p50Ms, p90Ms }: { p50Ms: number; p90Ms: number }, nowMs: number): ProgressMessage["eta"] {
  if (!(nowMs + p90Ms < latestMs)) return null;
  return { p50: toInstant(nowMs + p50Ms), p90: toInstant(nowMs + p90Ms) };
}
