// Pages of runs: keyset cursors in, runs with their progress out.
import type { Page } from "../../api/page.ts";
import type { Run } from "../../api/run.ts";
import { formatRunId, parseRunId, type RunId } from "../../core/run-id.ts";
import type { RunSearchPage } from "../../store/search/search-store.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import { jobHistoryOf } from "./job-history.ts";
import { requestInvalid } from "../request-invalid.ts";
import type { ServerServices } from "../server-services.ts";
import { loadLateRuns } from "./to-lateness.ts";
import { toRun, type ToRunOptions } from "./runs/to-run.ts";

/** The cursor of the next page is the id that it begins below. */
export async function toRunPage(
  services: Pick<ServerServices, "store">,
  { runs, nextBefore }: RunSearchPage,
): Promise<Page<Run>> {
  return {
    items: await toRuns(services, runs),
    next_cursor: nextBefore === undefined ? null : formatRunId(nextBefore),
  };
}

/** The runs with estimates for those that execute. */
export async function toRuns(
  services: Pick<ServerServices, "store">,
  runs: readonly RunSummary[],
): Promise<readonly Run[]> {
  const options = await toRunOptions(services, runs);
  return runs.map((run) => toRun(run, options));
}

/** What estimates of these runs need, and which of them are late; nothing is read when all have ended. */
export async function toRunOptions(
  { store }: Pick<ServerServices, "store">,
  runs: readonly Pick<RunSummary, "job" | "state">[],
): Promise<ToRunOptions> {
  const unfinished = runs.filter(({ state }) => state !== "FINISHED" && state !== "ERROR");
  const executing = unfinished.filter(({ state }) => state === "RUNNING");
  const lateSince = await loadLateRuns(store, [...new Set(unfinished.map(({ job }) => job))]);
  if (executing.length === 0) return { nowMs: 0, lateSince };
  const [nowMs, pastOf] = await Promise.all([
    store.readClockMs(),
    jobHistoryOf(store).durationsOf(executing.map(({ job }) => job)),
  ]);
  return { nowMs, lateSince, pastOf };
}

/** `{ before }` of a search. @throws MillraceError `REQUEST_INVALID` */
export function toKeyset(cursor: string | undefined): { readonly before?: RunId } {
  if (cursor === undefined) return {};
  try {
    return { before: parseRunId(cursor) };
  } catch {
    throw requestInvalid({ path: "query.cursor", message: "expected `next_cursor` of another page of this list" });
  }
}
