// `millrace schedules`: what is scheduled, when it fires next, and pausing or removing it.
import type { App } from "../../../app/app.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { describeTiming, parseScheduleDefinition } from "../../../core/schedule/schedule.ts";
import { listFires } from "../../../core/schedule/schedule-fires.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { assertRemovable, isScheduled } from "../../../orchestrator/scheduling/is-scheduled.ts";
import type { ScheduleRecord } from "../../../store/schedules/schedule-store.ts";
import type { CommandContext } from "../../command-context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { clockZone, formatWhen, toIso } from "../../print/format-time.ts";
import { remoteSchedules } from "../../control/remote-schedules.ts";
import {
  noteNotDefined,
  notDefined,
  pastOf,
  type ScheduleAction,
  scheduleActions,
} from "../../print/schedule-words.ts";
import { formatTable } from "../../print/table.ts";

export interface SchedulesOptions {
  readonly count: string;
  readonly json?: true;
}

/** `list`, or another action with a name. @throws MillraceError `USAGE_INVALID` | `JOB_UNKNOWN` */
export async function schedules(
  context: CommandContext,
  options: SchedulesOptions,
  action: string,
  name: string | undefined,
): Promise<ExitCode> {
  const known = scheduleActions.find((candidate) => candidate === action);
  if (known === undefined) {
    const message = `unknown action \`${action}\`${suggest(action, scheduleActions)}`;
    throw new MillraceError("USAGE_INVALID", message, { hint: `actions: ${scheduleActions.join(", ")}` });
  }
  if (context.environment.server !== undefined) return remoteSchedules(context, options, known, name);
  await using app = await context.openApp();
  const records = (await app.store.listSchedules()).map((record) => ({
    ...record,
    isDefined: isScheduled(app.definitions, record.name),
  }));
  if (known === "list") printList(context, options, records);
  else await act(context, options, app, known, findSchedule(records, name));
  return exitCodes.ok;
}

interface ListedSchedule extends ScheduleRecord {
  /** Whether the project has it. */
  readonly isDefined: boolean;
}

async function act(
  context: CommandContext,
  options: SchedulesOptions,
  { store, definitions }: App,
  action: Exclude<ScheduleAction, "list">,
  record: ListedSchedule,
): Promise<void> {
  if (action === "next") {
    printNext(context, options, record);
    return;
  }
  if (action === "remove") {
    assertRemovable(definitions, record.name);
    await store.removeSchedule(record.name);
  } else await store.pauseSchedule(record.name, action === "pause", context.environment.user);
  context.terminal.out(`${record.name} is ${pastOf[action]}`);
}

function printList({ terminal }: CommandContext, { json }: SchedulesOptions, records: readonly ListedSchedule[]): void {
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
    { title: `NEXT (${clockZone()})` },
    { title: "LAST" },
  ] as const;
  const rows = records.map(({ name, lastFireAtMs, definition, ...record }) => [
    name,
    describe(definition),
    describeNext(record, nowMs),
    lastFireAtMs === undefined ? "" : formatWhen(lastFireAtMs, nowMs),
  ]);
  for (const line of formatTable(columns, rows, terminal.width)) terminal.out(line);
}

function describeNext(
  { isDefined, paused, pausedBy, nextFireAtMs }: Omit<ListedSchedule, "name" | "definition" | "lastFireAtMs">,
  nowMs: number,
): string {
  if (!isDefined) return notDefined;
  return paused ? `paused by ${pausedBy ?? "somebody"}` : formatWhen(nextFireAtMs, nowMs);
}

const yearMs = 366 * 86_400_000;

function printNext({ terminal }: CommandContext, options: SchedulesOptions, record: ListedSchedule): void {
  const count = toCount(options.count);
  const schedule = parseScheduleDefinition(record.definition);
  const nowMs = Date.now();
  const fires =
    schedule === undefined || !record.isDefined ? [] : listFires(schedule.timing, nowMs, nowMs + 5 * yearMs, count);
  if (options.json) {
    terminal.json({ schema: "millrace.fires/1", schedule: record.name, fires: fires.map(toIso) });
    return;
  }
  for (const fireAtMs of fires) terminal.out(`${toIso(fireAtMs)}  ${formatWhen(fireAtMs, nowMs)}`);
  if (!record.isDefined) noteNotDefined(terminal, record.name);
  else if (record.paused) terminal.note(`paused by ${record.pausedBy ?? "somebody"}: none of these starts a run`);
}

function toCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000) return count;
  throw new MillraceError("USAGE_INVALID", `expected \`--count\` to be an integer from 1 to 1000, got: \`${text}\``);
}

function findSchedule(records: readonly ListedSchedule[], name: string | undefined): ListedSchedule {
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

function toJson({ name, isDefined, definition, paused, pausedBy, nextFireAtMs, lastFireAtMs }: ListedSchedule): object {
  return {
    name,
    defined: isDefined,
    definition,
    paused,
    pausedBy: pausedBy ?? null,
    nextFire: isDefined ? toIso(nextFireAtMs) : null,
    lastFire: toIso(lastFireAtMs),
  };
}
