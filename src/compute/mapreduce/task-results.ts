// Gathers what the tasks of one job have done, in whichever order they end.
import { MillraceError } from "../../core/errors/errors.ts";
import type { MapReduced, MapReduceOptions } from "./map-reduce-options.ts";
import type { Mapped } from "./map-task.ts";
import type { Reduced } from "./reduce-part.ts";
import { uniteKinds } from "./rows/reduced-rows.ts";
import type { Run } from "./runs/run.ts";

/** How many tasks there are. */
export interface TaskCounts {
  readonly splits: number;
  readonly parts: number;
}

/** Of one job. */
export class TaskResults {
  readonly #options: Pick<MapReduceOptions, "bad" | "onProgress" | "code" | "arePairs">;
  readonly #counts: TaskCounts;
  readonly #mapped = new Map<number, Mapped>();
  readonly #reduced = new Map<number, Reduced>();
  #bad = 0;

  constructor(options: Pick<MapReduceOptions, "bad" | "onProgress" | "code" | "arePairs">, counts: TaskCounts) {
    this.#options = options;
    this.#counts = counts;
  }

  /** @throws MillraceError when all tasks together have left out more records than they may */
  onMapped(mapped: Mapped, split: number): void {
    this.#mapped.set(split, mapped);
    this.#bad += mapped.bad;
    const { bad, onProgress, code } = this.#options;
    if (this.#bad > bad.most) throw tooManyBad(code.job, this.#bad, bad.most);
    onProgress(this.#mapped.size, Math.max(1, this.#counts.splits), "mapping");
  }

  onReduced(reduced: Reduced, part: number): void {
    this.#reduced.set(part, reduced);
    this.#options.onProgress(this.#reduced.size, this.#counts.parts, "reducing");
  }

  /** In the order of the input. */
  runs(): readonly Run[] {
    return ordered(this.#mapped).flatMap(({ runs }) => runs);
  }

  result(threads: number, lostAttempts: number): MapReduced {
    const mapped = ordered(this.#mapped);
    const reduced = ordered(this.#reduced);
    const sizes = reduced.map(({ bytes }) => bytes).toSorted((a, b) => a - b);
    return {
      files: reduced.filter(({ rows }) => rows > 0).map(({ file }) => file),
      arePairs: this.#options.arePairs === true,
      values: reduced.map(({ values }) => values).reduce(uniteKinds, undefined),
      rows: sumOf(reduced, "rows"),
      keys: sumOf(reduced, "keys"),
      records: sumOf(mapped, "records"),
      emitted: sumOf(mapped, "emitted"),
      bad: this.#bad,
      letters: mapped.flatMap(({ letters }) => letters),
      spilledBytes: sumOf(mapped, "spilledBytes"),
      splits: this.#counts.splits,
      threads,
      lostAttempts,
      parts: { count: sizes.length, largestBytes: sizes.at(-1) ?? 0, medianBytes: sizes[sizes.length >> 1] ?? 0 },
    };
  }
}

function ordered<Result>(results: ReadonlyMap<number, Result>): readonly Result[] {
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

function sumOf<Name extends string>(results: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return results.reduce((sum, result) => sum + result[name], 0);
}

function tooManyBad(job: string, bad: number, most: number): MillraceError {
  const message = `expected at most ${most} records of job \`${job}\` to be left out, got: \`${bad}\``;
  return new MillraceError("RECORD_INVALID", message, {
    hint: "look at what came, correct `map`, or raise the limit of `badRecords`",
  });
}
