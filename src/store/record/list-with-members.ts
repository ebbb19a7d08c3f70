// A run together with the runs in it, for reads that tell of all of them at once.
import type { RunId } from "../../core/run-id.ts";
import { all, type Script } from "../rows/script.ts";

const maxMembers = 1_000;

/** The run itself first, then the first 1,000 runs in it, by id. */
export function* listWithMembers(runId: RunId): Script<readonly RunId[]> {
  const members = yield* all<{ id: RunId }>(
    "select id from run where parent_run_id = ? order by id limit ?",
    runId,
    maxMembers,
  );
  return [runId, ...members.map(({ id }) => id)];
}
