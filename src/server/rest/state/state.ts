// Shows and changes what a job remembers. Each change names the version that the caller saw, and can be previewed
// first.
import type { Checkpoint, CheckpointChange } from "../../../api/state.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { sourceLoop } from "../../../orchestrator/attempt/attempt-units.ts";
import type { Json } from "../../../store/rows/run-records.ts";
import type { JobCheckpointRecord } from "../../../store/state/state-store.ts";
import { toJobUnits } from "./job-units.ts";
import { toUnitPage } from "./unit-page.ts";
import { findDifferences } from "../../views/find-differences.ts";
import type { CallContext, CallInput, Handlers } from "../../handler.ts";
import { requestInvalid } from "../../request-invalid.ts";
import { requireJobName } from "../../require-job.ts";
import { requireRun } from "../../require-run.ts";
import type { ServerServices } from "../../server-services.ts";
import { toInstant } from "../../views/to-instant.ts";
import { createWatermarkHandlers } from "./watermarks.ts";

const maxRuns = 50;
const maxFailures = 1_000;
const maxBytes = 1_048_576;

export function createStateHandlers(
  services: ServerServices,
): Handlers<
  "listCheckpoints" | "putCheckpoint" | "listJobUnits" | "listWatermarks" | "putWatermark" | "undoWatermark"
> {
  return {
    async listCheckpoints({ params: { job_name: job } }) {
      await requireJobName(services, job);
      return { items: (await services.store.listJobCheckpoints(job, maxRuns)).map(toCheckpoint) };
    },
    async listJobUnits({ params: { job_name: job }, query }) {
      await requireJobName(services, job);
      const { store } = services;
      const failures = await store.listUnitFailures({ job, loop: sourceLoop, limit: maxFailures });
      return toUnitPage(toJobUnits(await store.listWatermarks(job), failures), query);
    },
    putCheckpoint: (input, context) => putCheckpoint(services, input, context),
    ...createWatermarkHandlers(services),
  };
}

async function putCheckpoint(
  { store }: ServerServices,
  { params: { job_name: job }, body: { run_id, version, data, reason, preview = false } }: CallInput<"putCheckpoint">,
  { caller }: CallContext,
): Promise<CheckpointChange> {
  const run = await requireRun(store, run_id);
  if (run.job !== job) {
    throw requestInvalid({
      path: "body.run_id",
      message: `expected a run of \`${job}\`, this is one of \`${run.job}\``,
    });
  }
  assertSize(data);
  const [newest] = await store.loadCheckpoints(run.id);
  const before = newest?.data ?? null;
  if (preview) {
    if (run.state === "RUNNING" || run.state === "FINISHED") throw refusal(run_id, run.state);
    if ((newest?.version ?? 0) !== version) throw versionConflict(run_id, newest?.version ?? 0, version);
  }
  const put = { runId: run.id, seenVersion: version, data, by: caller.name, reason };
  return {
    before,
    after: data,
    differences: findDifferences(before, data),
    version: preview ? null : await store.putCheckpoint(put),
  };
}

function toCheckpoint({ run, versions }: JobCheckpointRecord): Checkpoint {
  return {
    run_id: formatRunId(run.id),
    state: run.state,
    versions: versions.map(({ version, data, savedAtMs }) => ({
      version,
      data: data ?? null,
      readable: data !== undefined,
      saved_at: toInstant(savedAtMs),
    })),
  };
}

// As for checkpoints that runs save.
function assertSize(data: Json): void {
  const bytes = Buffer.byteLength(JSON.stringify(data));
  if (bytes > maxBytes)
    throw requestInvalid({ path: "body.data", message: `expected at most 1 MiB, got ${bytes} bytes` });
}

function refusal(runId: string, state: "RUNNING" | "FINISHED"): MillraceError {
  const why = state === "RUNNING" ? "executes and may save its own" : "has finished and reads no checkpoint any more";
  return new MillraceError("TRANSITION_INVALID", `checkpoint cannot be changed: run \`${runId}\` ${why}`);
}

function versionConflict(runId: string, version: number, seen: number): MillraceError {
  const message = `checkpoint of run \`${runId}\` is at version \`${version}\`, and the change was made for: \`${seen}\``;
  return new MillraceError("VERSION_CONFLICT", message, { hint: "look at the newest version and decide again" });
}
