// The five fields of a cron expression, checked one by one: whoever mistypes one is told which, and what it may hold.
import { MillraceError } from "../errors/errors.ts";

/** One field with every value it stands for. */
export interface CronField {
  /** Ascending, without duplicates. */
  readonly values: readonly number[];
  /** Values that depend on the month: `L` and `5#2`, as croner writes them. */
  readonly relative: readonly string[];
  /** It begins with `*`; by the rule of Vixie cron such a day field does not widen the other. */
  readonly hasStar: boolean;
  /** It allows everything. */
  readonly isFull: boolean;
}

export interface CronFields {
  readonly minute: CronField;
  readonly hour: CronField;
  readonly dayOfMonth: CronField;
  readonly month: CronField;
  readonly dayOfWeek: CronField;
}

/** @throws MillraceError `JOB_INVALID` naming the field and what is allowed in it */
export function parseCronFields(expression: string): CronFields {
  const text = expression.trim();
  const parts = (presets[text] ?? text).split(/\s+/);
  if (text.startsWith("@") && presets[text] === undefined) {
    throw new MillraceError("JOB_INVALID", `unknown preset of a cron expression, got: \`${text}\``, {
      hint: `known presets: ${Object.keys(presets).join(", ")}`,
    });
  }
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parts;
  if (
    parts.length !== 5 ||
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined
  ) {
    throw new MillraceError(
      "JOB_INVALID",
      `expected a cron expression of 5 fields (minute, hour, day of month, month, day of week), got: \`${text}\``,
      { hint: "for example `0 6 * * 1-5`; for steps of seconds use `every`" },
    );
  }
  return {
    minute: parseField(minute, rules.minute, text),
    hour: parseField(hour, rules.hour, text),
    dayOfMonth: parseField(dayOfMonth, rules.dayOfMonth, text),
    month: parseField(month, rules.month, text),
    dayOfWeek: parseField(dayOfWeek, rules.dayOfWeek, text),
  };
}

const presets: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
};

interface FieldRule {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names in the order of their numbers from `min` on. */
  readonly names: readonly string[];
  readonly relative: RegExp | undefined;
  readonly allowed: string;
}

const common = "`*`, `*/n`, ranges `a-b` and `a-b/n`, and lists of these with `,`";

const rules = {
  minute: { name: "minute", min: 0, max: 59, names: [], relative: undefined, allowed: "0-59" },
  hour: { name: "hour", min: 0, max: 23, names: [], relative: undefined, allowed: "0-23" },
  dayOfMonth: {
    name: "day of month",
    min: 1,
    max: 31,
    names: [],
    relative: /^L$/,
    allowed: "1-31, `L` for the last day",
  },
  month: {
    name: "month",
    min: 1,
    max: 12,
    names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    relative: undefined,
    allowed: "1-12, JAN-DEC",
  },
  dayOfWeek: {
    name: "day of week",
    min: 0,
    max: 7,
    names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    relative: /^(\w+)#([1-5]|L)$/,
    allowed: "0-7 (0 and 7 are Sunday), SUN-SAT, `FRI#2` for the second and `FRI#L` for the last Friday of the month",
  },
} as const satisfies Record<string, FieldRule>;

function parseField(text: string, rule: FieldRule, expression: string): CronField {
  const refusal: Refusal = (got, hint = `also allowed: ${common}`) => {
    const message = `expected the ${rule.name} of cron expression \`${expression}\` to be ${rule.allowed}, got: \`${got}\``;
    return new MillraceError("JOB_INVALID", message, { hint });
  };
  const values = new Set<number>();
  const relative: string[] = [];
  for (const item of text.toUpperCase().split(",")) {
    const special = rule.relative?.exec(item);
    if (special) {
      relative.push(special[1] === undefined ? item : `${toValue(special[1], rule, refusal) % 7}#${special[2]}`);
      continue;
    }
    for (const value of expandItem(item, rule, refusal)) values.add(rule.max === 7 ? value % 7 : value);
  }
  const size = rule.max === 7 ? 7 : rule.max - rule.min + 1;
  return {
    values: [...values].toSorted((a, b) => a - b),
    relative,
    hasStar: text.startsWith("*"),
    isFull: values.size === size,
  };
}

type Refusal = (got: string, hint?: string) => MillraceError;

function expandItem(item: string, rule: FieldRule, refusal: Refusal): number[] {
  const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(item);
  if (match === null) throw refusal(item);
  const [, star, first = "", last, stepText] = match;
  const step = stepText === undefined ? 1 : Number(stepText);
  const top = rule.max === 7 ? 6 : rule.max;
  const from = star === undefined ? toValue(first, rule, refusal) : rule.min;
  const to = star === undefined ? (last === undefined ? from : toRangeEnd(last, from, rule, refusal)) : top;
  if (star === undefined && last === undefined && stepText !== undefined) {
    throw refusal(item, `a step needs a range: write \`${first}-${top}/${stepText}\``);
  }
  if (to < from) throw refusal(item, `ranges go up: write \`${first}-${top},${rule.min}-${String(last)}\``);
  if (step < 1 || step > rule.max - rule.min)
    throw refusal(item, "a step is at least 1 and less than the field is long");
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

function toRangeEnd(text: string, from: number, rule: FieldRule, refusal: Refusal): number {
  const value = toValue(text, rule, refusal);
  // `FRI-SUN` ends with the week.
  return rule.max === 7 && value === 0 && from > 0 ? 7 : value;
}

function toValue(text: string, { min, max, names }: FieldRule, refusal: Refusal): number {
  const named = names.indexOf(text);
  if (named !== -1) return named + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw refusal(text);
  return value;
}
