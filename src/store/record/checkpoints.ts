// Progress a run saves for its next attempt. The last three versions are kept, so that a damaged one has a predecessor.
import { createHash } from "node:crypto";
import type { RunId } from "../../core/run-id.ts";
import type { CheckpointVersion, Fence, Json } from "../rows/run-records.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import { assertLease } from "../rows/fence.ts";

const keptVersions = 3;

/** Adds a version and forgets the fourth newest. @throws MillraceError `RUN_LOST` */
export function* saveCheckpoint(fence: Fence, data: Json, nowMs: number): Script<void> {
  yield* assertLease(fence);
  const { runId, epoch } = fence;
  const newest = yield* one<{ version: number | null }>(
    "select max(version) as version from checkpoint where run_id = ?",
    runId,
  );
  yield* insertCheckpoint({ runId, epoch, version: (newest?.version ?? 0) + 1, data }, nowMs);
}

/** The caller holds what keeps others from writing the next version. */
export function* insertCheckpoint(
  { runId, epoch, version, data }: Fence & { readonly version: number; readonly data: Json },
  nowMs: number,
): Script<void> {
  const json = JSON.stringify(data);
  const sql = "insert into checkpoint (run_id, version, epoch, data, checksum, saved_at) values (?, ?, ?, ?, ?, ?)";
  yield* run(sql, runId, version, epoch, json, checksum(runId, version, json), nowMs);
  yield* run("delete from checkpoint where run_id = ? and version <= ?", runId, version - keptVersions);
}

interface CheckpointRow {
  readonly version: number;
  readonly data: string;
  readonly checksum: string;
  readonly savedAtMs: number;
}

/** Newest first. `data` is undefined where it is not what was saved. */
export function* loadCheckpoints(runId: RunId): Script<CheckpointVersion[]> {
  const sql = `select version, data, checksum, saved_at as "savedAtMs" from checkpoint where run_id = ?
    order by version desc limit ${keptVersions}`;
  const rows = yield* all<CheckpointRow>(sql, runId);
  return rows.map(({ version, data, checksum: expected, savedAtMs }) => {
    const isWhole = checksum(runId, version, data) === expected;
    return { version, data: isWhole ? (JSON.parse(data) as Json) : undefined, savedAtMs };
  });
}

// Covers run and version, so that a row copied to another run does not pass either.
function checksum(runId: RunId, version: number, json: string): string {
  return createHash("sha256").update(`${runId}:${version}:${json}`).digest("hex");
}
