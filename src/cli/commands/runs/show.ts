// `millrace show`: all that is known about one run.
import { formatRunId } from "../../../core/run-id.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { findRun } from "../../control/find-run.ts";
import { toIso } from "../../print/format-time.ts";
import { printRunDetails } from "../../control/print-run-details.ts";
import { loadRemoteRunDetails } from "../../control/remote-run-details.ts";
import { loadRunDetails, type RunDetails } from "../../control/run-details.ts";
import { toRunJson } from "../../print/run-json.ts";
import { parseRun } from "../../control/run-target.ts";

export interface ShowOptions {
  readonly json?: true;
}

/** Shows a run of any state. @throws MillraceError `RUN_UNKNOWN` */
export async function show(context: CommandContext, options: ShowOptions, run: string): Promise<ExitCode> {
  const details = await load(context, run);
  if (options.json) context.terminal.json(toShowJson(details));
  else printRunDetails(context.terminal, details, Date.now());
  return exitCodes.ok;
}

async function load(context: CommandContext, run: string): Promise<RunDetails> {
  if (context.environment.server !== undefined) {
    await using plane = await openControlPlane(context);
    return await loadRemoteRunDetails(plane, await parseRun(plane, run));
  }
  await using app = await context.openApp({ definitions: false });
  return await loadRunDetails(app, await findRun(app.store, run));
}

function toShowJson({ run, jobs, attempts, events, ...rest }: RunDetails): object {
  return {
    schema: "millrace.show/1",
    ...toRunJson(run),
    jobs: run.kind === "pipeline" ? jobs.map(toRunJson) : [],
    ...rest,
    attempts: attempts.map(({ startedAtMs, endedAtMs, error, ...attempt }) => ({
      ...attempt,
      startedAt: toIso(startedAtMs),
      endedAt: toIso(endedAtMs),
      error: error ?? null,
    })),
    events: events.map(({ runId, seq, atMs, type, job, data }) => {
      return { run: formatRunId(runId), seq, at: toIso(atMs), type, job, data: data ?? null };
    }),
  };
}
