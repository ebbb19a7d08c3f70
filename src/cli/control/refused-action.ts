// Turns the actions that the API allows in place of a refused one into commands that a person can type.
import type { RunAction } from "../../api/run.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ControlCalls } from "./control-plane.ts";
import type { Target } from "./run-target.ts";

/** The error with a hint that names commands; every error but a `TRANSITION_INVALID` stays as it is. */
export async function toRefusedAction(plane: ControlCalls, target: Target, error: unknown): Promise<unknown> {
  if (!(error instanceof MillraceError) || error.code !== "TRANSITION_INVALID") return error;
  const allowed = allowedBy(error);
  if (allowed.length === 0) return error;
  const commands =
    "run" in target ? await commandsOfRun(plane, target.run, allowed) : commandsOfJob(target.job, allowed);
  return new MillraceError(error.code, error.message, { hint: commands.join("; "), cause: error });
}

// The refusal of a server holds them in the same place as that of the store.
function allowedBy(error: MillraceError): readonly string[] {
  const allowed = error.details?.["allowed"];
  return Array.isArray(allowed) ? allowed.filter((name) => typeof name === "string") : [];
}

async function commandsOfRun(plane: ControlCalls, run: string, allowed: readonly string[]): Promise<readonly string[]> {
  const { job_name: job } = await plane.call("showRun", { params: { run_id: run } });
  const verbs: Readonly<Record<RunAction, string>> = {
    start: `\`millrace start ${run} --force\` starts it now`,
    stop: `\`millrace stop ${run}\` ends it`,
    pause: `\`millrace pause ${run}\` sets it aside`,
    resume: `\`millrace resume ${run}\` lets it go on`,
    retry: `\`millrace retry ${run}\` gives it another try`,
    rerun: `\`millrace start ${job}\` makes a new run; \`millrace show ${run}\` has the params of this one`,
  };
  return allowed.flatMap((name) => (name in verbs ? [verbs[name as RunAction]] : []));
}

function commandsOfJob(job: string, allowed: readonly string[]): readonly string[] {
  return [`it allows ${allowed.map((name) => `\`millrace ${name} ${job}\``).join(", ")}`];
}
