// Schedules as a server knows them, for `millrace schedules --server`.
import type { ScheduleView } from "../../api/schedule.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import type { CommandContext } from "../command-context.ts";
import type { ControlPlane } from "./control-plane.ts";
import { openControlPlane } from "./open-control-plane.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { clockZone, formatWhen } from "../print/format-time.ts";
import { noteNotDefined, notDefined, pastOf, type ScheduleAction } from "../print/schedule-words.ts";
import { formatTable } from "../print/table.ts";

export interface RemoteSchedulesOptions {
  /** Of the fires that `next` shows. */
  readonly count: string;
  readonly json?: true;
}

/** The same actions as on a store. @throws MillraceError `JOB_UNKNOWN` | `USAGE_INVALID` | `SERVER_UNREACHABLE` */
export async function remoteSchedules(
  context: CommandContext,
  options: RemoteSchedulesOptions,
  action: ScheduleAction,
  name: string | undefined,
): Promise<ExitCode> {
  await using plane = await openControlPlane(context);
  const { items } = await plane.call("listSchedules", {});
  if (action === "list") {
    printList(context, options, items);
    return exitCodes.ok;
  }
  const { job_name: job, defined } = find(items, name);
  if (action === "next") {
    await printNext(context, options, plane, job);
    if (!defined) noteNotDefined(context.terminal, job);
    return exitCodes.ok;
  }
  const params = { job_name: job };
  if (action === "remove") await plane.call("removeSchedule", { params });
  else await plane.call("putSchedule", { params, body: { paused: action === "pause" } });
  context.terminal.out(`${job} is ${pastOf[action]}`);
  return exitCodes.ok;
}

function printList(
  { terminal }: CommandContext,
  { json }: RemoteSchedulesOptions,
  items: readonly ScheduleView[],
): void {
  if (json) {
    terminal.json({ schema: "millrace.server-schedules/1", schedules: items });
    return;
  }
  const nowMs = Date.now();
  const columns = [
    { title: "JOB", shrink: true },
    { title: "WHEN", shrink: true },
    { title: `NEXT (${clockZone()})` },
    { title: "LAST" },
  ] as const;
  const when = (instant: string | null): string => (instant === null ? "" : formatWhen(Date.parse(instant), nowMs));
  const rows = items.map(({ job_name, defined, timing, paused, paused_by, next_fire_at, last_fire_at }) => [
    job_name,
    timing,
    !defined ? notDefined : paused ? `paused by ${paused_by ?? "somebody"}` : when(next_fire_at),
    when(last_fire_at),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

const monthMs = 31 * 86_400_000;

// A server looks a month ahead.
async function printNext(
  { terminal }: CommandContext,
  { count, json }: RemoteSchedulesOptions,
  plane: ControlPlane,
  job: string,
): Promise<void> {
  const nowMs = Date.now();
  const query = { job, from: new Date(nowMs).toISOString(), to: new Date(nowMs + monthMs).toISOString() };
  const calendar = await plane.call("showCalendar", { query });
  const fires = calendar.fires.slice(0, Number(count)).map(({ at }) => at);
  if (json) terminal.json({ schema: "millrace.fires/1", schedule: job, fires });
  else for (const at of fires) terminal.out(`${at}  ${formatWhen(Date.parse(at), nowMs)}`);
}

function find(items: readonly ScheduleView[], name: string | undefined): ScheduleView {
  if (name === undefined) throw new MillraceError("USAGE_INVALID", "expected the name of a scheduled job or pipeline");
  const found = items.find((candidate) => candidate.job_name === name);
  if (found !== undefined) return found;
  const names = items.map((candidate) => candidate.job_name);
  throw new MillraceError("JOB_UNKNOWN", `unknown schedule \`${name}\`${suggest(name, names)}`);
}
