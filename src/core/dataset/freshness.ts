// How old the rows of a dataset may be: by when its newest version was published, or by the newest value of a column.
import { z } from "zod";
import { type Duration, formatDuration, parseDuration } from "../duration.ts";
import { expecting, optional } from "../spec/option-notes.ts";
import { duration, text } from "../spec/option-values.ts";

/** The event of a run that published answers which a connection had kept, because its service failed; `since` is of the oldest. */
export const keptAnswersUsed = "kept_answers_used";

export type FreshnessOptions =
  | Duration
  | {
      /** The newest version, or the newest value of `of`, is at most this old. */
      readonly within: Duration;
      /** Column with the time of what a row tells of. Default: when the version was published. */
      readonly of?: string;
    };

/** Checked, and plain JSON. */
export interface Freshness {
  readonly version: 1;
  readonly withinMs: number;
  readonly of: string | null;
}

function age(): z.ZodType<Duration, Duration> {
  return duration("a duration of at least one second, such as `24h`", (ms) => ms >= 1_000);
}

/** The option `freshness` of an output. */
export function freshnessOption(): z.ZodType<FreshnessOptions, FreshnessOptions> {
  const detailed = z.strictObject({ within: age(), of: optional(text("the name of a column")) });
  // zod lets options be `undefined` where the types let them be left out.
  return expecting(
    "a duration such as `24h`, or an object with `within` and `of`",
    z.union([age(), detailed]),
  ) as unknown as z.ZodType<FreshnessOptions, FreshnessOptions>;
}

/** The rule that the options stand for. */
export function toFreshness(options: FreshnessOptions): Freshness {
  const { within, of } = typeof options === "string" ? { within: options, of: undefined } : options;
  return { version: 1, withinMs: parseDuration(within), of: of ?? null };
}

/** `at most 24h old`, or `updated_at at most 24h old`. */
export function describeFreshness({ withinMs, of }: Freshness): string {
  return `${of === null ? "" : `${of} `}at most ${formatDuration(withinMs)} old`;
}
