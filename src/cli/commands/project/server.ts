// `millrace server`: serves the API and the UI and starts what schedules say until it is told to stop. Several of them share
// the work, and none leads.
import { serve } from "../../../app/serve.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { listenForInterruption } from "../../interruption.ts";
import { openPatiently, patiently } from "../../open-patiently.ts";
import { parsePort } from "../../parse/parse-port.ts";
import { parseSlots } from "../../parse/parse-slots.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { untilAborted } from "../../until-aborted.ts";

export interface ServerOptions {
  readonly host: string;
  readonly port: string;
  readonly allowHost?: readonly string[];
  readonly trustProxy?: readonly string[];
  readonly auth: string;
  readonly logLevel: string;
  readonly slots?: string;
}

const authModes = ["token", "off"] as const;
const logLevels = ["fatal", "error", "warn", "info", "debug"] as const;

/** Returns after SIGINT or SIGTERM. @throws MillraceError `SERVER_REFUSED` for an open address without tokens, or one in use */
export async function server(context: CommandContext, options: ServerOptions): Promise<ExitCode> {
  const { terminal } = context;
  const slots = parseSlots(options.slots, 0) ?? 0;
  const listen = {
    environment: context.environment,
    host: options.host,
    port: parsePort(options.port),
    allowedHosts: options.allowHost ?? [],
    ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    auth: oneOf("--auth", options.auth, authModes),
    logLevel: oneOf("--log-level", options.logLevel, logLevels),
  };
  using interruption = listenForInterruption(() => terminal.note("stopping; again to leave at once"));
  await using app = await openPatiently(context, interruption.signal);
  if (app === undefined) return exitCodes.ok;
  await using serving = await serve(app, listen);
  const { signal } = interruption;
  const scheduler = await patiently(context, signal, () => app.startScheduler());
  if (scheduler === undefined) return exitCodes.ok;
  const worker = slots === 0 ? undefined : await patiently(context, signal, () => app.startWorker({ slots }));
  terminal.note(
    `server ${process.pid} listens on ${serving.url} and keeps ${formatCountOf(scheduler.schedules, "schedule")}${describeSlots(slots)}`,
  );
  if (serving.loginUrl !== undefined) {
    terminal.note(`no token yet; this address logs in once as admin: ${serving.loginUrl}`);
    terminal.note("`millrace token create <name>` makes tokens that stay");
  }
  await untilAborted(signal);
  await scheduler.stop();
  await worker?.stop();
  return exitCodes.ok;
}

function describeSlots(slots: number): string {
  return slots === 0 ? "; workers execute the runs" : ` and executes ${formatCountOf(slots, "run")} at once`;
}

function oneOf<Known extends string>(option: string, text: string, known: readonly Known[]): Known {
  const found = known.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  throw new MillraceError("USAGE_INVALID", `unknown \`${option}\` \`${text}\`${suggest(text, known)}`, {
    hint: `one of ${known.join(", ")}`,
  });
}
