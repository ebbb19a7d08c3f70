// `millrace server`: starts what schedules say until it is told to stop. Several of them share the work, and none leads.
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { listenForInterruption } from "../interruption.ts";
import { parseSlots } from "../parse-slots.ts";
import { untilAborted } from "../until-aborted.ts";

export interface ServerOptions {
  readonly slots?: string;
}

/** Returns after SIGINT or SIGTERM. */
export async function server(context: CommandContext, options: ServerOptions): Promise<ExitCode> {
  const { terminal } = context;
  const slots = parseSlots(options.slots, 0) ?? 0;
  await using app = await context.openApp();
  using interruption = listenForInterruption(() => terminal.note("stopping; again to leave at once"));
  const scheduler = await app.startScheduler();
  const worker = slots === 0 ? undefined : await app.startWorker({ slots });
  terminal.note(`server ${process.pid} keeps ${scheduler.schedules} schedules${describeSlots(slots)}`);
  await untilAborted(interruption.signal);
  await scheduler.stop();
  await worker?.stop();
  return exitCodes.ok;
}

function describeSlots(slots: number): string {
  return slots === 0 ? "; workers execute the runs" : ` and executes ${slots} runs at once`;
}
