// Schedules as the job guide writes them (`interval: "4_hours"`), beside those of this package: both are read into the same options.
import type { Duration } from "../../core/duration.ts";
import { refusal } from "../../core/spec/parse-options.ts";
import type { ScheduleOptions } from "../../core/schedule/schedule.ts";

/** One entry of `SCHEDULE_CONFIG`. */
export interface DocumentSchedule {
  /** A number, `_` and a unit: `4_hours`, `30_minutes`. */
  readonly interval: string;
  /** When a run is started again that has not FINISHED. */
  readonly fast_recovery?: string;
  readonly dependencies?: readonly string[];
}

/** `SCHEDULE_CONFIG`: an entry for each job. */
export type DocumentSchedules = Readonly<Record<string, DocumentSchedule>>;

/** What a job of `src/integrations` takes as its `schedule`. */
export type GivenSchedule = ScheduleOptions | DocumentSchedule | DocumentSchedules;

/**
 * The schedule of a job in the options of this package.
 * @param where names the job in messages
 * @param job whose entry of a whole `SCHEDULE_CONFIG` it is
 * @returns `undefined` where a whole `SCHEDULE_CONFIG` has no entry of the job
 * @throws MillraceError `JOB_INVALID` for an interval that cannot be read
 */
export function readSchedule(where: string, job: string, given: GivenSchedule): ScheduleOptions | undefined {
  if (isEntry(given)) return toOptions(where, given);
  if (!isConfig(given)) return given;
  const entry = given[job];
  return entry === undefined ? undefined : toOptions(where, entry);
}

function isEntry(given: GivenSchedule): given is DocumentSchedule {
  return "interval" in given && typeof given.interval === "string";
}

function isConfig(given: GivenSchedule): given is DocumentSchedules {
  const entries: readonly unknown[] = Object.values(given);
  return entries.length > 0 && entries.every((one) => typeof one === "object" && one !== null && "interval" in one);
}

function toOptions(
  where: string,
  { interval, fast_recovery: recovery, dependencies }: DocumentSchedule,
): ScheduleOptions {
  return {
    every: toDuration(where, "interval", interval),
    ...(recovery === undefined ? {} : { fastRecovery: toDuration(where, "fast_recovery", recovery) }),
    ...(dependencies === undefined || dependencies.length === 0 ? {} : { dependencies }),
  };
}

const units = { second: "s", minute: "m", hour: "h", day: "d", week: "w" } as const;

function toDuration(where: string, option: string, text: string): Duration {
  const [, amount, unit] = /^(\d+)[_ ](second|minute|hour|day|week)s?$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) return `${Number(amount)}${units[unit as keyof typeof units]}`;
  throw refusal(where, ["schedule", option], "a number and a unit such as `4_hours` or `30_minutes`", text);
}
