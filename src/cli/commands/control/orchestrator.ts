// `millrace orchestrator`: whether workers take new runs at all, for the whole store.
import type { Orchestrator } from "../../../api/orchestrator.ts";
import type { RouteName } from "../../../api/routes.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";

export interface OrchestratorOptions {
  readonly reason?: string;
  readonly json?: true;
}

type OrchestratorRoute = Extract<RouteName, "startOrchestrator" | "stopOrchestrator" | "emergencyStop">;

const actions: Readonly<Record<string, OrchestratorRoute | undefined>> = {
  status: undefined,
  start: "startOrchestrator",
  stop: "stopOrchestrator",
  "emergency-stop": "emergencyStop",
};

/** `status`, `start`, `stop` (what executes goes on) or `emergency-stop` (what executes is force-stopped). */
export async function orchestrator(
  context: CommandContext,
  options: OrchestratorOptions,
  verb: string,
): Promise<ExitCode> {
  const { terminal } = context;
  if (!Object.hasOwn(actions, verb)) {
    throw new MillraceError("USAGE_INVALID", `unknown action \`${verb}\`${suggest(verb, Object.keys(actions))}`, {
      hint: `actions: ${Object.keys(actions).join(", ")}`,
    });
  }
  const action = actions[verb];
  await using plane = await openControlPlane(context, { definitions: false });
  const body = options.reason === undefined ? {} : { reason: options.reason };
  const stopped = action === undefined ? 0 : (await plane.call(action, { body })).stopped;
  const state = await plane.call("showOrchestrator", {});
  if (options.json) terminal.json({ ...state, stopped });
  else terminal.out(describe(state, stopped));
  return exitCodes.ok;
}

function describe({ claiming, changed_by: by, reason }: Orchestrator, stopped: number): string {
  if (claiming) return "workers take new runs";
  const ended = stopped === 0 ? "" : `; ${stopped} executing runs were force-stopped`;
  return `workers take no new runs, stopped by ${by}${reason === null ? "" : `: ${reason}`}${ended}`;
}
