// Forgets datasets and how far their jobs have read, so that the next run begins as the first one did.
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import type { ForgetRequest, Forgotten } from "./state-store.ts";
import { one, run, type Script } from "../rows/script.ts";
import { findDataset } from "../record/datasets.ts";

/** Forgets all or nothing. @throws MillraceError `DATASET_RESET` as `assertForgettable` does */
export function* forgetDatasets(request: ForgetRequest): Script<Forgotten> {
  yield* assertForgettable(request);
  const { datasets, jobs } = request;
  let versions = 0;
  // A range of the primary key each.
  for (const name of datasets) versions += yield* run("delete from dataset where name = ?", name);
  let watermarks = 0;
  for (const job of jobs) {
    yield* run("delete from watermark_version where job = ?", job);
    watermarks += yield* run("delete from watermark where job = ?", job);
  }
  return { versions, watermarks };
}

/** @throws MillraceError `DATASET_RESET` naming a run that executes, or that has published something that nobody has seen */
export function* assertForgettable({ datasets, jobs, newest }: ForgetRequest): Script<void> {
  for (const job of jobs) yield* assertIdle(job);
  for (const name of datasets) {
    const found = yield* findDataset(name);
    const seen = newest.find(({ dataset }) => dataset === name);
    // one that is forgotten already has none
    if (found === undefined || (found.version === seen?.version && found.runId === seen.runId)) continue;
    throw new MillraceError(
      "DATASET_RESET",
      `run \`${formatRunId(found.runId)}\` has published dataset \`${name}\` meanwhile`,
      {
        hint: "pause its job and try again",
      },
    );
  }
}

// `lease` is as small as the slots of all workers, and each of its runs is one primary key look-up.
function* assertIdle(job: string): Script<void> {
  const sql = `select l.run_id as "runId" from lease l ordered join run r on r.id = l.run_id where r.job = ? limit 1`;
  const executing = yield* one<{ runId: RunId }>(sql, job);
  if (executing === undefined) return;
  const id = formatRunId(executing.runId);
  throw new MillraceError("DATASET_RESET", `run \`${id}\` of job \`${job}\` executes and may publish at any time`, {
    hint: `wait for it, or \`millrace stop ${id}\``,
  });
}
