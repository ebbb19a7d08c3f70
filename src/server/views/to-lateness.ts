// What did not come in time, on its way to the wire.
import type { Lateness } from "../../api/lateness.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { ExpectationKind, ExpectationRecord } from "../../store/expectations/expectation-store.ts";
import type { Store } from "../../store/store.ts";
import { toInstant } from "./to-instant.ts";

type LatenessStore = Pick<Store, "findExpectations">;

/** Those of the names that are late, or stale. */
export async function loadLateness(
  store: LatenessStore,
  kind: ExpectationKind,
  names: readonly string[],
): Promise<ReadonlyMap<string, Lateness>> {
  const found = await store.findExpectations(kind, names);
  return new Map(
    found.flatMap((record) => {
      const late = toLateness(record);
      return late === null ? [] : [[record.name, late] as const];
    }),
  );
}

/** Since when runs of these jobs are late, by run. */
export async function loadLateRuns(store: LatenessStore, jobs: readonly string[]): Promise<ReadonlyMap<RunId, number>> {
  const found = jobs.length === 0 ? [] : await store.findExpectations("job", jobs);
  return new Map(
    found.flatMap(({ runId, sinceMs }) => (runId === undefined || sinceMs === undefined ? [] : [[runId, sinceMs]])),
  );
}

function toLateness({ state, sinceMs, expectedAtMs, runId }: ExpectationRecord): Lateness | null {
  if (state === "met" || sinceMs === undefined) return null;
  return {
    since: toInstant(sinceMs),
    expected_at: toInstant(expectedAtMs),
    run_id: runId === undefined ? null : formatRunId(runId),
  };
}
