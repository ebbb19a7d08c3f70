// The figures that a declarative job has by itself: how many rows it wrote, how many its dataset has, how many it set aside.
// They are recorded where the job has a rule for them, and no other rule could ever be kept.
import type { JobContext } from "../../core/job/job-context.ts";
import type { JobOptions } from "../../core/job/job-options.ts";
import { type JobOutcome, toJobEnding } from "../../core/job/outcome.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { PublishedResult } from "./publish-as-result.ts";

type Rules = JobOptions["metrics"];

const counts = {
  rows: ({ rows }: PublishedResult) => rows,
  row_count: ({ rowCount }: PublishedResult) => rowCount,
  quarantined: ({ quarantined }: PublishedResult) => quarantined,
} as const;

/** @throws MillraceError `JOB_INVALID` for a rule of a figure that no declarative job has */
export function assertCountRules(where: string, rules: Rules = {}): void {
  const unknown = Object.keys(rules).find((name) => !(name in counts));
  if (unknown === undefined) return;
  throw refusal(where, ["metrics"], "rules of `rows`, `row_count` and `quarantined`", unknown, {
    hint: "only the code of a job made with `defineJob` records other figures, with `ctx.metric`",
  });
}

/** Records what the job has rules for, and gives back what was returned. */
export function recordCounts<Returned extends PublishedResult | JobOutcome<PublishedResult>>(
  ctx: Pick<JobContext, "metric">,
  rules: Rules = {},
  returned: Returned,
): Returned {
  const ending = toJobEnding(returned);
  if (ending.outcome !== "done" && ending.outcome !== "partial") return returned;
  // The type says what either of the two has for its result.
  const result = ending.result as PublishedResult;
  for (const [name, count] of Object.entries(counts)) {
    if (rules[name] !== undefined) ctx.metric(name, count(result), { unit: rules[name].unit ?? "rows" });
  }
  return returned;
}
