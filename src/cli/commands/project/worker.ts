// `millrace worker`: executes runs until it is told to stop. Any number of them share one store.
import { parseSlots } from "../../parse/parse-slots.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { listenForInterruption } from "../../interruption.ts";
import { openPatiently } from "../../open-patiently.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { untilAborted } from "../../until-aborted.ts";

export interface WorkerOptions {
  readonly slots?: string;
}

/** Returns after SIGINT or SIGTERM, when every run it held was given back. */
export async function worker(context: CommandContext, options: WorkerOptions): Promise<ExitCode> {
  const { terminal } = context;
  const slots = parseSlots(options.slots);
  using interruption = listenForInterruption(() =>
    terminal.note("stopping: the jobs wind down, other workers go on with them; again to leave at once"),
  );
  await using app = await openPatiently(context, interruption.signal);
  if (app === undefined) return exitCodes.ok;
  const running = await app.startWorker(slots === undefined ? {} : { slots });
  const jobs = app.project.definitions.jobs.size;
  terminal.note(
    `worker ${process.pid} executes ${formatCountOf(jobs, "job")}, ${slots ?? app.project.settings.slots} at once`,
  );
  await untilAborted(interruption.signal);
  await running.stop();
  return exitCodes.ok;
}
