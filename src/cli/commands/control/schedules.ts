// `millrace schedules`: what is scheduled, when it fires next, and pausing or removing it.
import type { ScheduleView } from "../../../api/schedule.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import type { CommandContext } from "../../command-context.ts";
import type { ControlCalls } from "../../control/control-plane.ts";
import { openControlPlane } from "../../control/open-control-plane.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { clockZone, formatWhen } from "../../print/format-time.ts";
import { formatTable } from "../../print/table.ts";
import type { Terminal } from "../../print/terminal.ts";
import { parseInteger } from "../../parse/parse-integer.ts";

export interface SchedulesOptions {
  readonly count: string;
  readonly json?: true;
}

const actions = ["list", "next", "pause", "resume", "remove"] as const;

/** `list`, or another action with a name. @throws MillraceError `USAGE_INVALID` | `JOB_UNKNOWN` */
export async function schedules(
  context: CommandContext,
  options: SchedulesOptions,
  action: string,
  name: string | undefined,
): Promise<ExitCode> {
  const known = actions.find((candidate) => candidate === action);
  if (known === undefined) {
    const message = `unknown action \`${action}\`${suggest(action, actions)}`;
    throw new MillraceError("USAGE_INVALID", message, { hint: `actions: ${actions.join(", ")}` });
  }
  const count = parseInteger("--count", options.count, { most: 1_000 });
  await using plane = await openControlPlane(context);
  const { items } = await plane.call("listSchedules", {});
  if (known === "list") printList(context.terminal, options, items);
  else if (known === "next") await printNext(context.terminal, options, plane, { schedule: find(items, name), count });
  else await change(context.terminal, options, plane, { action: known, job: find(items, name).job_name });
  return exitCodes.ok;
}

function printList(terminal: Terminal, { json }: SchedulesOptions, items: readonly ScheduleView[]): void {
  if (json) {
    terminal.json({ items });
    return;
  }
  if (items.length === 0) {
    terminal.note(
      "no schedules; those of jobs that have a `schedule` are here as soon as `millrace server` or `millrace dev` has started",
    );
    return;
  }
  const nowMs = Date.now();
  const columns = [
    { title: "JOB", shrink: true },
    { title: "WHEN", shrink: true },
    { title: `NEXT (${clockZone()})`, shrink: true },
    { title: "LAST" },
  ] as const;
  const rows = items.map((item) => [
    item.job_name,
    item.timing === "unknown" ? "of a newer version" : item.timing,
    describeNext(item, nowMs),
    item.last_fire_at === null ? "" : formatWhen(Date.parse(item.last_fire_at), nowMs),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

const notDefined = "nobody here defines it";

function describeNext(schedule: ScheduleView, nowMs: number): string {
  const { job_name: job, defined, paused, paused_by: by, next_fire_at: next, trigger, held_by: holds } = schedule;
  if (!defined) return notDefined;
  if (paused) return `paused by ${by ?? "somebody"}`;
  const when = trigger?.summary.replaceAll("`", "") ?? (next === null ? "" : formatWhen(Date.parse(next), nowMs));
  const [hold] = holds;
  return hold === undefined ? when : `${when}; held back by ${hold.job_name === job ? hold.run_id : hold.job_name}`;
}

async function printNext(
  terminal: Terminal,
  { json }: SchedulesOptions,
  plane: ControlCalls,
  { schedule: { job_name: job, trigger }, count }: { readonly schedule: ScheduleView; readonly count: number },
): Promise<void> {
  const next = await plane.call("listNextFires", { params: { job_name: job }, query: { count } });
  if (json) {
    terminal.json(next);
    return;
  }
  const nowMs = Date.now();
  for (const at of next.items) terminal.out(`${at}  ${formatWhen(Date.parse(at), nowMs)}`);
  if (!next.defined)
    terminal.note(`${notDefined}, so it starts no run; \`millrace schedules remove ${job}\` forgets it`);
  else if (next.paused) terminal.note(`paused by ${next.paused_by ?? "somebody"}: none of these starts a run`);
  else if (trigger !== null)
    terminal.note(`no instant is known: it ${trigger.summary}; \`millrace why ${job}\` tells more`);
}

/** What a schedule is afterwards. */
const pastOf = { pause: "paused", resume: "resumed", remove: "removed" } as const;

async function change(
  terminal: Terminal,
  { json }: SchedulesOptions,
  plane: ControlCalls,
  { action, job }: { readonly action: keyof typeof pastOf; readonly job: string },
): Promise<void> {
  const params = { job_name: job };
  if (action === "remove") await plane.call("removeSchedule", { params });
  else await plane.call("putSchedule", { params, body: { paused: action === "pause" } });
  if (json) terminal.json({ action, job_name: job });
  else terminal.out(`${job} is ${pastOf[action]}`);
}

function find(items: readonly ScheduleView[], name: string | undefined): ScheduleView {
  if (name === undefined) throw new MillraceError("USAGE_INVALID", "expected the name of a scheduled job or pipeline");
  const found = items.find(({ job_name: job }) => job === name);
  if (found !== undefined) return found;
  const names = items.map(({ job_name: job }) => job);
  throw new MillraceError("JOB_UNKNOWN", `unknown schedule \`${name}\`${suggest(name, names)}`, {
    hint: "`millrace schedules` lists them; those of new jobs appear when a server has started",
  });
}
