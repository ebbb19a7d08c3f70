// Cron expressions over local time without a zone: every day has 24 hours here. What daylight saving makes of these times
// is decided in schedule-fires.ts, so croner is asked about a calendar alone, in values already checked.
import { Cron } from "croner";
import { MillraceError } from "../errors/errors.ts";
import { type CronField, parseCronFields } from "./schedule-cron-fields.ts";

export interface CronExpression {
  /** The first matching local time after `afterLocalMs`, both as if the zone were UTC; `undefined` when there is none. */
  nextLocalMs(afterLocalMs: number): number | undefined;
  /** It fires in each hour of the day, so it means a step of elapsed time and not times of the day. */
  readonly isEveryHour: boolean;
}

/** @throws MillraceError `JOB_INVALID` naming the wrong field, or when no date matches */
export function parseCron(expression: string): CronExpression {
  let parsed = parsedExpressions.get(expression);
  if (parsed === undefined) {
    parsed = createExpression(expression);
    if (parsedExpressions.size >= maxParsed) parsedExpressions.clear();
    parsedExpressions.set(expression, parsed);
  }
  return parsed;
}

// Schedules are read again at each look, and parsing costs fifty times what a look does.
const parsedExpressions = new Map<string, CronExpression>();
const maxParsed = 10_000;

function createExpression(expression: string): CronExpression {
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parseCronFields(expression);
  const pattern = [minute, hour, dayOfMonth, month, dayOfWeek].map(toPattern).join(" ");
  // Vixie cron: either day is enough when both fields are restricted, and a field that begins with `*` is not.
  const domAndDow = dayOfMonth.hasStar || dayOfWeek.hasStar;
  const cron = new Cron(pattern, { mode: "5-part", utcOffset: 0, domAndDow });
  if (cron.nextRun(new Date(0)) === null) {
    throw new MillraceError("JOB_INVALID", `no date ever matches the cron expression, got: \`${expression}\``, {
      hint: "look at the day of month and the month: February has no 30th",
    });
  }
  return {
    isEveryHour: hour.isFull,
    nextLocalMs: (afterLocalMs) => cron.nextRun(new Date(afterLocalMs))?.getTime(),
  };
}

function toPattern({ values, relative, hasStar, isFull }: CronField): string {
  return hasStar && isFull ? "*" : [...values, ...relative].join(",");
}
