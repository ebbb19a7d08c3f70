// Verbs that ask something of a run or of all runs of a job: name the target, ask, say what came of it.
import type { ActionRequest, ActionResult } from "../../api/run.ts";
import type { RouteName } from "../../api/routes.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CommandContext } from "../command-context.ts";
import type { ControlCalls } from "./control-plane.ts";
import { openControlPlane } from "./open-control-plane.ts";
import { toRefusedAction } from "./refused-action.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { parseTarget, type Target } from "./run-target.ts";
import { explainBy, tellWait } from "./wait-reasons.ts";
import { printable, type Terminal } from "../print/terminal.ts";

export interface ControlOptions {
  readonly reason?: string;
  readonly json?: true;
}

/** As the JSON output names it, with the operations that do it. */
export interface ControlVerb {
  readonly action: string;
  readonly force?: true;
  /** Then it is told what the run still waits for. */
  readonly isStart?: true;
  readonly ofRun: RunActionRoute;
  /** Left out where only runs can be asked. */
  readonly ofJob?: JobActionRoute;
}

type RunActionRoute = Extract<RouteName, `${"start" | "stop" | "cancel" | "pause" | "resume" | "retry"}Run`>;
type JobActionRoute = Extract<RouteName, `${"stop" | "pause" | "resume"}Job`>;

/** @throws MillraceError `RUN_UNKNOWN` | `JOB_UNKNOWN` | `TRANSITION_INVALID` | `USAGE_INVALID` */
export async function control(
  context: CommandContext,
  options: ControlOptions,
  verb: ControlVerb,
  text: string,
): Promise<ExitCode> {
  const { terminal } = context;
  await using plane = await openControlPlane(context);
  const target = await parseTarget(plane, text);
  const body: ActionRequest = {
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(verb.force ? { force: true } : {}),
  };
  const result = await ask(plane, verb, target, body).catch(async (error: unknown) => {
    throw await toRefusedAction(plane, target, error);
  });
  const name = "run" in target ? target.run : target.job;
  if (options.json) printJson(context, verb, name, result);
  else terminal.out(`${verb.action.replace("_", " ")} ${name}: ${describe(result)}`);
  if (verb.isStart && "run" in target) await noteWait(terminal, plane, target.run);
  return exitCodes.ok;
}

// A run that is first in line may still be held by a limit or a failing connection, which no force takes away.
async function noteWait(terminal: Terminal, plane: ControlCalls, runId: string): Promise<void> {
  for (const line of tellWait(await explainBy(plane)(runId))) terminal.note(printable(line));
}

async function ask(plane: ControlCalls, verb: ControlVerb, target: Target, body: ActionRequest): Promise<ActionResult> {
  if ("run" in target) return plane.call(verb.ofRun, { params: { run_id: target.run }, body });
  return plane.call(jobRoute(verb, target.job), { params: { job_name: target.job }, body });
}

function printJson({ terminal }: CommandContext, { action }: ControlVerb, target: string, result: ActionResult): void {
  terminal.json({ action, target, ...result });
}

function jobRoute({ ofJob, action }: ControlVerb, text: string): JobActionRoute {
  if (ofJob !== undefined) return ofJob;
  throw new MillraceError(
    "USAGE_INVALID",
    `expected a run like \`r42\` or \`last\` to ${action === "rerun" ? "retry" : action}, got: \`${text}\``,
    {
      hint: "`millrace runs` lists the runs; many failed ones at once are retried from the failures screen",
    },
  );
}

function describe({ changed, requested }: ActionResult): string {
  const asked = `${requested} executing ${requested === 1 ? "run was" : "runs were"} asked`;
  if (changed === 0 && requested > 0) return asked;
  const done = `${changed} ${changed === 1 ? "run" : "runs"} changed`;
  return requested === 0 ? done : `${done}, ${asked}`;
}
