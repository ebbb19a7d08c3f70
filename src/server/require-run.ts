// From the text of a path to the run it names.
import { MillraceError } from "../core/errors/errors.ts";
import { formatRunId, parseRunId, type RunId } from "../core/run-id.ts";
import type { RunSummary } from "../store/rows/run-records.ts";
import type { Store } from "../store/store.ts";

/** @throws MillraceError `RUN_UNKNOWN` | `VALUE_INVALID` when it is no run id */
export async function requireRun(store: Pick<Store, "findRun">, text: string): Promise<RunSummary> {
  const runId = parseRunId(text);
  const run = await store.findRun(runId);
  if (run === undefined) throw unknownRun(runId);
  return run;
}

/** What is said of a run that does not exist, or no longer. */
export function unknownRun(runId: RunId): MillraceError {
  return new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``, {
    hint: "history is removed after a while; the list of runs shows what there is",
  });
}
