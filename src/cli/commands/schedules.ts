// `millrace schedules`: what is scheduled, when it fires next, and pausing it.
import { MillraceError } from "../../core/errors.ts";
import { describeTiming, parseScheduleDefinition } from "../../core/schedule.ts";
import { listFires } from "../../core/schedule-fires.ts";
import { suggest } from "../../core/suggest.ts";
import type { ScheduleRecord } from "../../store/schedule-store.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { formatWhen, toIso } from "../format-time.ts";
import { remoteSchedules } from "../remote-schedules.ts";
import { formatTable } from "../table.ts";

export interface SchedulesOptions {
  readonly count: string;
  readonly json?: true;
}

type Action = "list" | "next" | "pause" | "resume";

const actions: readonly Action[] = ["list", "next", "pause", "resume"];

/** `list`, or `next`, `pause`, `resume` with a name. @throws MillraceError `USAGE_INVALID` | `JOB_UNKNOWN` */
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
  if (context.environment.server !== undefined) return remoteSchedules(context, options, known, name);
  await using app = await context.openApp();
  const records = await app.store.listSchedules();
  if (known === "list") printList(context, options, records);
  else if (known === "next") printNext(context, options, await findSchedule(records, name));
  else {
    const record = await findSchedule(records, name);
    await app.store.pauseSchedule(record.name, known === "pause", context.environment.user);
    context.terminal.out(`${record.name} is ${known === "pause" ? "paused" : "resumed"}`);
  }
  return exitCodes.ok;
}

function printList({ terminal }: CommandContext, { json }: SchedulesOptions, records: readonly ScheduleRecord[]): void {
  if (json) {
    terminal.json({ schema: "millrace.schedules/1", schedules: records.map(toJson) });
    return;
  }
  if (records.length === 0) {
    terminal.note("no schedules; give a job a `schedule`, and `millrace server` starts it");
    return;
  }
  const nowMs = Date.now();
  const columns = [
    { title: "JOB", shrink: true },
    { title: "WHEN", shrink: true },
    { title: "NEXT" },
    { title: "LAST" },
  ] as const;
  const rows = records.map(({ name, paused, pausedBy, nextFireAtMs, lastFireAtMs, definition }) => [
    name,
    describe(definition),
    paused ? `paused by ${pausedBy ?? "somebody"}` : formatWhen(nextFireAtMs, nowMs),
    lastFireAtMs === undefined ? "" : formatWhen(lastFireAtMs, nowMs),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

const yearMs = 366 * 86_400_000;

function printNext({ terminal }: CommandContext, options: SchedulesOptions, record: ScheduleRecord): void {
  const count = toCount(options.count);
  const schedule = parseScheduleDefinition(record.definition);
  const nowMs = Date.now();
  const fires = schedule === undefined ? [] : listFires(schedule.timing, nowMs, nowMs + 5 * yearMs, count);
  if (options.json) {
    terminal.json({ schema: "millrace.fires/1", schedule: record.name, fires: fires.map(toIso) });
    return;
  }
  for (const fireAtMs of fires) terminal.out(`${toIso(fireAtMs)}  ${formatWhen(fireAtMs, nowMs)}`);
  if (record.paused) terminal.note(`paused by ${record.pausedBy ?? "somebody"}: none of these starts a run`);
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return count;
  throw new MillraceError("USAGE_INVALID", `expected \`--count\` to be an integer from 1 to 1000, got: \`${text}\``);
}

async function findSchedule(records: readonly ScheduleRecord[], name: string | undefined): Promise<ScheduleRecord> {
  if (name === undefined) throw new MillraceError("USAGE_INVALID", "expected the name of a scheduled job or pipeline");
  const record = records.find((candidate) => candidate.name === name);
  if (record !== undefined) return record;
  const names = records.map((candidate) => candidate.name);
  throw new MillraceError("JOB_UNKNOWN", `unknown schedule \`${name}\`${suggest(name, names)}`, {
    hint: "`millrace schedules` lists them; those of new jobs appear when a server has started",
  });
}

function describe(definition: ScheduleRecord["definition"]): string {
  const schedule = parseScheduleDefinition(definition);
  return schedule === undefined ? "of a newer version" : describeTiming(schedule.timing);
}

function toJson({ name, definition, paused, pausedBy, nextFireAtMs, lastFireAtMs }: ScheduleRecord): object {
  return {
    name,
    definition,
    paused,
    pausedBy: pausedBy ?? null,
    nextFire: toIso(nextFireAtMs),
    lastFire: toIso(lastFireAtMs),
  };
}
