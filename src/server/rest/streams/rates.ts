// How fast counts grow, from what the server saw of them when it was asked before. Nothing is kept beside the last minute.

interface Sample {
  readonly atMs: number;
  readonly count: number;
}

const windowMs = 60_000;
const minSpanMs = 1_000;
const maxSamples = 64;

export class Rates {
  readonly #samples = new Map<string, Sample[]>();
  readonly #now: () => number;

  /** @param now milliseconds that only grow */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Units a second over at most the last minute; null until the second look. A count that fell begins anew. */
  observe(name: string, count: number): number | null {
    const atMs = this.#now();
    const samples = (this.#samples.get(name) ?? []).filter((sample) => sample.atMs >= atMs - windowMs);
    this.#samples.set(name, samples);
    const [first] = samples;
    const last = samples.at(-1);
    if (last !== undefined && count < last.count) samples.length = 0;
    if (last === undefined || atMs - last.atMs >= minSpanMs || samples.length === 0) samples.push({ atMs, count });
    if (samples.length > maxSamples) samples.shift();
    if (first === undefined || count < first.count || atMs - first.atMs < minSpanMs) return null;
    return Math.round(((count - first.count) / (atMs - first.atMs)) * 1e6) / 1_000;
  }

  /** Forgets what is not among these any more. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#samples.keys()) if (!names.has(name)) this.#samples.delete(name);
  }
}
