// Decides whether a dataset is fresh, purely from its rule and its newest version. One that was never published counts from
// when the rule was made.
import type { Freshness } from "../../core/dataset/freshness.ts";
import type { DueExpectation, FreshnessFacts, Verdict } from "../../store/expectations/expectation-store.ts";
import { lateLookMs } from "./decide-punctuality.ts";

type Decision = Pick<Verdict, "state" | "expectedAtMs" | "dueAtMs" | "sinceMs" | "runId">;

/** What holds of the rule now, and when to look again. */
export function decideFreshness(
  { withinMs, of }: Freshness,
  { savedAtMs, seenAtMs }: DueExpectation,
  facts: FreshnessFacts | undefined,
): Decision {
  const newestMs = of === null ? facts?.createdAtMs : facts?.newestAtMs;
  const expectedAtMs = newestMs ?? savedAtMs;
  const sinceMs = expectedAtMs + withinMs;
  if (seenAtMs > sinceMs)
    return { state: "broken", expectedAtMs, dueAtMs: seenAtMs + lateLookMs, sinceMs, runId: undefined };
  return { state: "met", expectedAtMs, dueAtMs: sinceMs + 1, sinceMs: undefined, runId: undefined };
}
