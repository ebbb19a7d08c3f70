// What a control command is about: a run by its id, or a job or pipeline by its name.
import type { App } from "../app.ts";
import { formatRunId } from "../core/run-id.ts";
import type { ControlAction, ControlRequest, ControlResult } from "../store/control-store.ts";
import type { CommandContext } from "./command-context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { findRun } from "./find-run.ts";

export interface ControlOptions {
  readonly reason?: string;
  readonly json?: true;
}

/** `r42` and `last` are runs, everything else is a name. */
export async function toControlTarget(app: App, text: string): Promise<ControlRequest["target"]> {
  if (text === "last" || /^r\d+$/.test(text)) return { runId: (await findRun(app.store, text)).id };
  await assertKnownName(app, text);
  return { job: text };
}

/** Asks the store and says what came of it. @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` */
export async function control(
  context: CommandContext,
  options: ControlOptions,
  action: ControlAction,
  text: string,
): Promise<ExitCode> {
  const { terminal, environment } = context;
  await using app = await context.openApp();
  const target = await toControlTarget(app, text);
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const result = await app.store.control({ action, target, by: environment.user, ...reason });
  const name = "runId" in target ? formatRunId(target.runId) : target.job;
  if (options.json) terminal.out(JSON.stringify({ schema: "millrace.control/1", action, target: name, ...result }));
  else terminal.out(`${action.replace("_", " ")} ${name}: ${describe(result)}`);
  return exitCodes.ok;
}

function describe({ changed, requested }: ControlResult): string {
  const asked = `${requested} executing ${requested === 1 ? "run was" : "runs were"} asked`;
  if (changed === 0 && requested > 0) return asked;
  const done = `${changed} ${changed === 1 ? "run" : "runs"} changed`;
  return requested === 0 ? done : `${done}, ${asked}`;
}

// A job may be known to other workers only; then its runs are in the store.
async function assertKnownName(app: App, name: string): Promise<void> {
  if ((await app.store.listRuns({ job: name, limit: 1 })).length === 0) app.project.definitions.find(name);
}
