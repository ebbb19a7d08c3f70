// The figures of one attempt on their way into the store: coalesced, so that a loop may record as often as it likes, and
// bounded, so that a label such as the id of an order cannot fill the store.
import { MillraceError } from "../errors/errors.ts";
import { type JobMetric, maxMetrics, metricKey, type MetricOptions, toMetric } from "./metric.ts";
import type { MetricRules } from "./metric-rules.ts";

export interface MetricBookOptions {
  /** Of the job; they give units to what is recorded without one. */
  readonly rules: MetricRules;
  /** Writes the newest values, fenced by the lease of the run. */
  readonly save: (metrics: readonly JobMetric[]) => Promise<void>;
  readonly now: () => number;
}

/** From one write to the next while values come. */
const writeEveryMs = 1_000;

/** Records values at once and writes them behind; `flush` is what makes them durable. */
export class MetricBook {
  readonly #options: MetricBookOptions;
  readonly #known = new Set<string>();
  #pending = new Map<string, JobMetric>();
  #writing: Promise<void> | undefined;
  #writtenAtMs: number | undefined;

  constructor(options: MetricBookOptions) {
    this.#options = options;
  }

  /** The last value of a name and its labels counts. @throws MillraceError `VALUE_INVALID` also for one more than `maxMetrics` */
  record(name: string, value: number, options: MetricOptions = {}): void {
    const unit = this.#options.rules[name]?.unit;
    const metric = toMetric(name, value, unit === undefined ? options : { unit, ...options });
    const key = metricKey(metric);
    if (!this.#known.has(key) && this.#known.size >= maxMetrics) throw tooMany(name);
    this.#known.add(key);
    this.#pending.set(key, metric);
    this.#writtenAtMs ??= this.#options.now();
    if (this.#writing === undefined && this.#options.now() - this.#writtenAtMs >= writeEveryMs) this.#writeBehind();
  }

  /** Resolves when all that was recorded is durable. Rejects as `save` does. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#pending.size > 0) await this.#write();
  }

  #writeBehind(): void {
    // What could not be written is still pending: `flush` writes it, or tells why it cannot.
    this.#writing = this.#write()
      .catch(() => {})
      .finally(() => {
        this.#writing = undefined;
      });
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    this.#writtenAtMs = this.#options.now();
    try {
      await this.#options.save([...batch.values()]);
    } catch (error) {
      this.#pending = new Map([...batch, ...this.#pending]);
      throw error;
    }
  }
}

/** The error for a run that records more than may be kept. */
export function tooMany(name: string): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `expected a run to record at most ${maxMetrics} metrics, counted with their labels, got one more: \`${name}\``,
    { hint: "a label is for a few groups, such as regions; what there is one of for each row belongs into a dataset" },
  );
}
