// Resolves the name that a person gives: a run by its id, by `last` the newest run that a person or a schedule started, or a job or
// pipeline by its name.
import type { Run } from "../../api/run.ts";
import type { RunIdText } from "../../api/page.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { sleepJobName } from "../../core/job/built-in-job-names.ts";
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import type { ControlCalls } from "./control-plane.ts";

export type Target = { readonly run: RunIdText } | { readonly job: string };

const runPattern = /^r\d+$/;

/** `r42` and `last` are runs, everything else is a name. @throws MillraceError `RUN_UNKNOWN` for `last` while there is no run */
export async function parseTarget(plane: ControlCalls, text: string): Promise<Target> {
  return text === "last" || runPattern.test(text) ? { run: await parseRun(plane, text) } : { job: text };
}

/** Whether it names a run and nothing else: `r42`, `42` or `last`. */
export function isRunText(text: string): boolean {
  return text === "last" || /^r?\d+$/.test(text);
}

/** The id of a run; a number alone will do. @throws MillraceError `RUN_UNKNOWN` | `VALUE_INVALID` */
export async function parseRun(plane: ControlCalls, text: string): Promise<RunIdText> {
  return text === "last" ? (await newestStarted(plane)).run_id : formatRunId(parseRunId(text));
}

/** The newest run of a job that belongs to no pipeline run. @throws MillraceError `RUN_UNKNOWN` */
export async function newestRunOf(plane: ControlCalls, job: string): Promise<Run> {
  const { items } = await plane.call("listRuns", { query: { limit: 1, job } });
  return items[0] ?? refuse(`there is no run of \`${job}\` yet`);
}

// What a run spawned is newer than the run itself, and nobody who says `last` means it.
async function newestStarted(plane: ControlCalls): Promise<Run> {
  let position: { readonly cursor?: string } = {};
  for (;;) {
    const { items, next_cursor: next } = await plane.call("listRuns", { query: { limit: lookedAt, ...position } });
    const started = items.find((run) => !isSpawned(run) && !isUpkeep(run));
    if (started !== undefined) return started;
    if (next === null) return refuse("there is no run yet");
    position = { cursor: next };
  }
}

const lookedAt = 200;

function isSpawned({ created_by: by }: Run): boolean {
  return runPattern.test(by);
}

// Its schedule is the orchestrator's own, and one that somebody ran by hand is meant.
function isUpkeep({ job_name: job, created_by: by }: Run): boolean {
  return job === sleepJobName && by === "schedule";
}

function refuse(message: string): never {
  throw new MillraceError("RUN_UNKNOWN", message, { hint: "`millrace start <name>` starts one" });
}
