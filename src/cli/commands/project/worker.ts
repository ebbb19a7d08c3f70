// `millrace worker`: executes runs until it is told to stop. Any number of them share one store.
import { builtInJobNames } from "../../../core/job/built-in-job-names.ts";
import { createSystemClock } from "../../../platforms/local/system-clock.ts";
import { parseSlots } from "../../parse/parse-slots.ts";
import type { RunningWorker } from "../../../app/start-worker.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { listenForInterruption } from "../../interruption.ts";
import { openPatiently, patiently } from "../../open-patiently.ts";
import { formatCountOf } from "../../print/format-value.ts";
import { untilAborted } from "../../until-aborted.ts";
import { untilIdle } from "./until-idle.ts";

export interface WorkerOptions {
  readonly slots?: string;
  readonly untilIdle?: true;
}

/**
 * Returns after SIGINT or SIGTERM, or when nothing is left to do, when every run it held was given back.
 * @returns 1 when it was to work until nothing is left, and a worker of a stream is not started any more or a batch has failed
 */
export async function worker(context: CommandContext, options: WorkerOptions): Promise<ExitCode> {
  const { terminal } = context;
  const slots = parseSlots(options.slots);
  using interruption = listenForInterruption(() =>
    terminal.note("stopping: the jobs wind down, other workers go on with them; again to leave at once"),
  );
  await using app = await openPatiently(context, interruption.signal);
  if (app === undefined) return exitCodes.ok;
  const begin = (): Promise<RunningWorker> => app.startWorker(slots === undefined ? {} : { slots });
  const running = await patiently(context, interruption.signal, begin);
  if (running === undefined) return exitCodes.ok;
  const jobs = [...running.jobs].filter((job) => !builtInJobNames.includes(job)).length;
  terminal.note(
    `worker ${process.pid} executes ${formatCountOf(jobs, "job")}, ${slots ?? app.project.settings.slots} at once`,
  );
  const replicas = app.startReplicas();
  // Nothing else makes batches, or starts what waits for datasets.
  const scheduler =
    options.untilIdle === true ? await patiently(context, interruption.signal, () => app.startScheduler()) : undefined;
  const { signal } = interruption;
  const clock = createSystemClock();
  const stuck = scheduler === undefined ? [] : await untilIdle({ app, replicas, scheduler, clock, signal });
  if (scheduler === undefined) await untilAborted(signal);
  const crashed = [...replicas.crashed];
  await scheduler?.stop();
  await replicas.stop();
  await running.stop();
  if (options.untilIdle !== true || crashed.length + stuck.length === 0) return exitCodes.ok;
  if (crashed.length > 0) terminal.note(`not everything was done: ${crashed.join(", ")} failed again and again`);
  for (const batch of stuck) terminal.note(`not everything was done: ${stuckNote(batch)}`);
  return exitCodes.runFailed;
}

function stuckNote(batch: string): string {
  return `the run of batch ${batch} has failed; retry it, or go on behind it with \`millrace batch give-up ${batch}\``;
}
