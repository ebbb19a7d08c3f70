// Resolves the name that a person gives: a run by its id, the newest run by `last`, or a job or pipeline by its name.
import type { Run } from "../../api/run.ts";
import type { RunIdText } from "../../api/page.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, parseRunId } from "../../core/run-id.ts";
import type { ControlCalls } from "./control-plane.ts";

export type Target = { readonly run: RunIdText } | { readonly job: string };

/** `r42` and `last` are runs, everything else is a name. @throws MillraceError `RUN_UNKNOWN` for `last` while there is no run */
export async function parseTarget(plane: ControlCalls, text: string): Promise<Target> {
  return text === "last" || /^r\d+$/.test(text) ? { run: await parseRun(plane, text) } : { job: text };
}

/** The id of a run; a number alone will do. @throws MillraceError `RUN_UNKNOWN` | `VALUE_INVALID` */
export async function parseRun(plane: ControlCalls, text: string): Promise<RunIdText> {
  return text === "last" ? (await newestRun(plane)).run_id : formatRunId(parseRunId(text));
}

/** The newest run that belongs to no other, of a job if one is given. @throws MillraceError `RUN_UNKNOWN` */
export async function newestRun(plane: ControlCalls, job?: string): Promise<Run> {
  const query = { limit: 1, ...(job === undefined ? {} : { job }) };
  const { items } = await plane.call("listRuns", { query });
  const [newest] = items;
  if (newest !== undefined) return newest;
  const message = job === undefined ? "there is no run yet" : `there is no run of \`${job}\` yet`;
  throw new MillraceError("RUN_UNKNOWN", message, { hint: "`millrace start <name>` starts one" });
}
