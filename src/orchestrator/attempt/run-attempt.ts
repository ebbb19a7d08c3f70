// One attempt of a job where its code runs: in the worker itself, or in a thread or process of its own.
import { classifyError } from "../../core/errors/classify-error.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import { type Redact, redactEnd } from "../../core/job/redact-end.ts";
import { type AttemptEnd, runJob } from "../../core/job/run-job.ts";
import { MetricBook } from "../../core/metric/metric-book.ts";
import { describeBreach, findBreaches, toBreachError } from "../../core/metric/metric-rules.ts";
import type { ClaimedRun, Json, NewEvent } from "../../store/rows/run-records.ts";
import type { AttemptRecorder, AttemptPort } from "./attempt-port.ts";
import { createJobContext } from "./create-job-context.ts";
import type { RunServices } from "./job-context-input.ts";
import type { YieldPoint } from "./yield-point.ts";

export interface RunAttemptInput {
  readonly run: ClaimedRun;
  readonly job: Job;
  /** As configured; the job's schema checks it. */
  readonly config: unknown;
  readonly lease: AttemptPort;
  readonly recorder: AttemptRecorder;
  readonly services: RunServices;
  readonly signal: AbortSignal;
  readonly yieldPoint: YieldPoint;
  readonly now: () => number;
  /** Resolves when an aborted handler has had its time, or when `signal` says that it ended before. */
  readonly windDown: (signal: AbortSignal) => Promise<void>;
}

/** How the attempt ended, and what its history shall say of it. */
export interface AttemptReport {
  readonly end: AttemptEnd;
  readonly events: readonly NewEvent[];
}

const maxNoted = 100;

/** Runs the job's template over a context of its own. Never rejects. */
export async function runAttempt(input: RunAttemptInput): Promise<AttemptReport> {
  const { run, job, yieldPoint } = input;
  const { redact = asItIs } = input.services;
  const recorder = redactRecorder(input.recorder, redact);
  const dropped = new BoundedList();
  const itemFailures = new BoundedList();
  const book = new MetricBook({
    rules: job.metrics,
    save: (metrics) => input.lease.recordMetrics(redact(metrics)),
    now: input.now,
  });
  // Few attempts have something that must end with them.
  let over: AbortController | undefined;
  const end = await runJob({
    job,
    config: input.config,
    params: isRecord(run.params) ? run.params : {},
    createContext: ({ config, params }) =>
      createJobContext({
        ...input,
        recorder,
        config,
        params,
        over: () => (over ??= new AbortController()).signal,
        recordMetric: (...figure) => book.record(...figure),
        onItemFailure: (message) => itemFailures.add(message),
      }),
    onDroppedParam: (name) => dropped.add(name),
    windDown: input.windDown,
    beforeSuccess: () => keepRules(input, book, recorder),
    told: () => yieldPoint.thrown,
  });
  // What `onSuccess` recorded, or what an attempt did that failed.
  await book.flush().catch((thrown: unknown) => {
    recorder.log("warn", `figures were not recorded: ${classifyError(thrown).message}`);
  });
  over?.abort(new MillraceError("RUN_RELEASED", "the attempt that asked has ended"));
  const failures = redact(itemFailures.items);
  return { end: redactEnd(addItemFailures(end, failures), redact), events: toEvents(dropped) };
}

/** Records the figures and compares them with what the job declares. @throws MillraceError `METRIC_BREACHED` */
async function keepRules({ job, lease }: RunAttemptInput, book: MetricBook, recorder: AttemptRecorder): Promise<void> {
  await book.flush();
  if (Object.keys(job.metrics).length === 0) return;
  // A step that an earlier attempt has done recorded its figures there.
  const breaches = findBreaches(job.metrics, await lease.loadMetrics());
  if (breaches.length === 0) return;
  await lease.recordMetrics(
    breaches.flatMap(({ metric, rule }) => (metric === undefined ? [] : [{ ...metric, breach: rule.onBreach }])),
  );
  await lease.appendEvents(
    breaches.map((breach) => {
      const { name, metric, rule } = breach;
      const labels = metric?.labels ?? {};
      const bounds = { min: rule.min ?? null, max: rule.max ?? null, on_breach: rule.onBreach };
      const data = { message: describeBreach(breach), name, labels, value: metric?.value ?? null, ...bounds };
      return { type: "metric_breached", data };
    }),
  );
  for (const breach of breaches) recorder.log("warn", describeBreach(breach));
  const error = toBreachError(job.name, breaches);
  if (error !== undefined) throw error;
}

// Before anything leaves the attempt: what it logs is in the store a moment later.
function redactRecorder(recorder: AttemptRecorder, redact: Redact): AttemptRecorder {
  return {
    log: (level, message, fields) => recorder.log(level, redact(message), redact(fields)),
    progress: (update) => recorder.progress(redact(update)),
    exchange: (exchange) => recorder.exchange(redact(exchange)),
  };
}

function asItIs<Value>(value: Value): Value {
  return value;
}

// The list says how many there were beyond those it keeps.
class BoundedList {
  readonly #kept: string[] = [];
  #more = 0;

  add(item: string): void {
    if (this.#kept.length < maxNoted) this.#kept.push(item.slice(0, 1_000));
    else this.#more += 1;
  }

  get items(): readonly string[] {
    return this.#more === 0 ? this.#kept : [...this.#kept, `and ${this.#more} more`];
  }
}

function toEvents(dropped: BoundedList): readonly NewEvent[] {
  return dropped.items.map((name) => ({ type: "param_dropped", data: { name } }));
}

function addItemFailures(end: AttemptEnd, failures: readonly string[]): AttemptEnd {
  if (end.end !== "finished" || end.outcome.outcome === "partial" || failures.length === 0) return end;
  return { ...end, outcome: { outcome: "partial", result: end.outcome.result, failures } };
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
