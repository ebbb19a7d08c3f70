// `millrace orchestrator`: whether workers take new runs at all, for the whole store.
import { suggest } from "../../core/suggest.ts";
import { MillraceError } from "../../core/errors.ts";
import type { EngineRequest, EngineState } from "../../store/control-store.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { toIso } from "../format-time.ts";

export interface OrchestratorOptions {
  readonly reason?: string;
  readonly json?: true;
}

const actions: Readonly<Record<string, EngineRequest["action"] | undefined>> = {
  status: undefined,
  start: "start",
  stop: "stop",
  "emergency-stop": "emergency_stop",
};

/** `status`, `start`, `stop` (what executes goes on) or `emergency-stop` (what executes is force-stopped). */
export async function orchestrator(
  context: CommandContext,
  options: OrchestratorOptions,
  verb: string,
): Promise<ExitCode> {
  const { terminal, environment } = context;
  if (!(verb in actions)) {
    throw new MillraceError("USAGE_INVALID", `unknown action \`${verb}\`${suggest(verb, Object.keys(actions))}`, {
      hint: `actions: ${Object.keys(actions).join(", ")}`,
    });
  }
  const action = actions[verb];
  await using app = await context.openApp({ definitions: false });
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const state =
    action === undefined
      ? await app.store.engineState()
      : await app.store.controlEngine({ action, by: environment.user, ...reason });
  if (options.json) terminal.out(JSON.stringify({ schema: "millrace.orchestrator/1", ...toJson(state) }));
  else terminal.out(describe(state));
  return exitCodes.ok;
}

function toJson({ claiming, by, reason, atMs, stopped }: EngineState): object {
  return { claiming, by, reason: reason ?? null, at: toIso(atMs), stopped };
}

function describe({ claiming, by, reason, stopped }: EngineState): string {
  const why = reason === undefined ? "" : `: ${reason}`;
  if (claiming) return "workers take new runs";
  const ended = stopped === 0 ? "" : `; ${stopped} executing runs were force-stopped`;
  return `workers take no new runs, stopped by ${by}${why}${ended}`;
}
