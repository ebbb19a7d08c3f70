// Collects the metrics that Prometheus reads. It asks the store at most every few seconds, however often and by however
// many clients the metrics are read, and never counts a whole table.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Clock } from "../../core/clock.ts";
import { type LateStore, readHealthWithoutHeld } from "../../orchestrator/explain/late-schedules.ts";
import type { Store } from "../../store/store.ts";
import type { GaugeValues } from "./stream-metrics.ts";

export interface ServerMetricsOptions {
  readonly store: Pick<Store, "jobStatistics" | "listLastMetrics"> & LateStore;
  readonly clock: Clock;
  /** WebSocket clients now. */
  readonly countClients: () => number;
  /** Of topics and groups. */
  readonly readStreams: () => Promise<readonly GaugeValues[]>;
  /** Told when they cannot be read; all others are shown. */
  readonly onError: (error: unknown) => void;
}

export interface FinishedRequest {
  readonly method: string;
  /** Operation id, or the path's pattern: never the path, which anybody may choose. */
  readonly operation: string;
  readonly status: number;
  readonly durationMs: number;
}

const cacheMs = 5_000;
const lateMs = 60_000;
/** Ended runs are shown for this time. */
const windowMs = 15 * 60_000;
/** Business figures beyond these are left out, by job and name. */
const maxFigures = 1_000;
const contentTypeOfText = Registry.PROMETHEUS_CONTENT_TYPE;

export class ServerMetrics {
  readonly contentType: string = contentTypeOfText;
  readonly #registry = new Registry();
  readonly #options: ServerMetricsOptions;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });
  readonly #durations: Histogram<"method" | "operation" | "status">;
  readonly #denials: Counter<"status">;
  #read: { readonly text: Promise<void>; readonly untilMs: number } | undefined;

  constructor(options: ServerMetricsOptions) {
    this.#options = options;
    this.#loopDelay.enable();
    const registers = [this.#registry];
    this.#durations = new Histogram({
      name: "millrace_http_request_duration_seconds",
      help: "time from a request to the end of its answer",
      labelNames: ["method", "operation", "status"],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#denials = new Counter({
      name: "millrace_http_denied_total",
      help: "requests that were not allowed",
      labelNames: ["status"],
      registers,
    });
    this.#addProcess();
    this.#gauge("millrace_ws_clients", "WebSocket clients", () => options.countClients());
  }

  countRequest({ method, operation, status, durationMs }: FinishedRequest): void {
    this.#durations.observe({ method, operation, status: String(status) }, durationMs / 1_000);
    if (status === 401 || status === 403 || status === 429) this.#denials.inc({ status: String(status) });
  }

  /** In the text format. @throws MillraceError `STORE_UNAVAILABLE` */
  async read(): Promise<string> {
    const nowMs = this.#options.clock.now();
    if (this.#read === undefined || this.#read.untilMs <= nowMs) {
      this.#read = { text: this.#readStore(), untilMs: nowMs + cacheMs };
    }
    try {
      await this.#read.text;
    } catch (error) {
      this.#read = undefined;
      throw error;
    }
    return await this.#registry.metrics();
  }

  close(): void {
    this.#loopDelay.disable();
    this.#registry.clear();
  }

  async #readStore(): Promise<void> {
    const { store } = this.#options;
    const health = await readHealthWithoutHeld(store, lateMs);
    this.#set(
      "millrace_runs",
      "unfinished runs",
      ["state"],
      [
        [{ state: "executing" }, health.executing],
        [{ state: "ready" }, health.ready],
        [{ state: "retrying" }, health.retries],
        [{ state: "late" }, health.lateRuns],
        [{ state: "lost" }, health.deadLeases],
      ],
    );
    this.#set("millrace_workers", "workers in service", [], [[{}, health.workers]]);
    this.#set("millrace_claiming", "1 while workers take runs", [], [[{}, health.isClaiming ? 1 : 0]]);
    this.#set("millrace_late_schedules", "schedules that should have fired", [], [[{}, health.lateSchedules]]);
    const figures = await store.listLastMetrics(maxFigures);
    this.#set(
      "millrace_job_metric",
      "newest value without labels of each business figure",
      ["job", "name"],
      figures.map(({ job, name, value }) => [{ job, name }, value]),
    );
    const jobs = await store.jobStatistics({ sinceMs: health.nowMs - windowMs });
    this.#set(
      "millrace_runs_ended_15m",
      "runs that ended in the last 15 minutes",
      ["job", "state"],
      jobs.flatMap(({ job, finished, failed }) => [
        [{ job, state: "FINISHED" }, finished] as const,
        [{ job, state: "ERROR" }, failed] as const,
      ]),
    );
    this.#set(
      "millrace_run_duration_p95_seconds_15m",
      "of runs that ended in the last 15 minutes",
      ["job"],
      jobs.flatMap(({ job, p95Ms }) => (p95Ms === undefined ? [] : [[{ job }, p95Ms / 1_000] as const])),
    );
    await this.#readStreams();
  }

  // The log may be a cluster that is away, which is no reason to be blind.
  async #readStreams(): Promise<void> {
    const { readStreams, onError } = this.#options;
    try {
      for (const { name, help, labels, values } of await readStreams()) this.#set(name, help, labels, values);
    } catch (error) {
      onError(error);
    }
  }

  #set(
    name: string,
    help: string,
    labelNames: readonly string[],
    values: readonly (readonly [Readonly<Record<string, string>>, number])[],
  ): void {
    this.#registry.removeSingleMetric(name);
    const gauge = new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
    for (const [labels, value] of values) gauge.set({ ...labels }, value);
  }

  #addProcess(): void {
    const loopDelay = this.#loopDelay;
    this.#gauge("process_resident_memory_bytes", "memory of the server's process", () => process.memoryUsage.rss());
    this.#gauge("process_cpu_seconds_total", "time on a processor", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.#gauge("process_uptime_seconds", "since the process began", () => process.uptime());
    this.#gauge("nodejs_heap_used_bytes", "memory of JavaScript objects", () => process.memoryUsage().heapUsed);
    this.#gauge("nodejs_eventloop_lag_p99_seconds", "how late the event loop was", () => {
      // NaN before its first sample.
      const seconds = loopDelay.percentile(99) / 1e9;
      return Number.isFinite(seconds) ? seconds : 0;
    });
  }

  #gauge(name: string, help: string, measure: () => number): void {
    this.#registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(measure());
        },
      }),
    );
  }
}
