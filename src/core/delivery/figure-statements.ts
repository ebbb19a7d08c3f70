// Statements that find one figure and the rows behind it; values are named in two braces, to be bound.
import { MillraceError } from "../errors/errors.ts";
import { suggest } from "../errors/suggest.ts";
import { type FigureMetric, figureMetrics, type FigurePeriod, type FigureSubject } from "./figure-metrics.ts";

/** Which point of a metric is meant: of one service, project or sprint, as the metric needs it. */
export interface FigurePoint {
  readonly service?: string | undefined;
  readonly project?: string | undefined;
  readonly sprint?: string | undefined;
  /** Default `month` where the metric has it. */
  readonly period?: FigurePeriod | undefined;
  /** A month (`2026-01`), a day (`2026-01-31`) or an instant within the period. Default: the newest that has the figure. */
  readonly at?: string | undefined;
}

export type StatementValues = Readonly<Record<string, string | number | null>>;

export interface FigureStatement {
  readonly sql: string;
  readonly values: StatementValues;
  /** Datasets that it reads. */
  readonly inputs: readonly string[];
}

/** A point that the metric has. */
export interface SettledPoint {
  readonly metric: FigureMetric;
  readonly subject: FigureSubject;
  readonly of: string;
  readonly period: FigurePeriod | null;
  readonly atMs: number | null;
}

/**
 * @throws MillraceError `THING_UNKNOWN` for a metric that is none; `VALUE_INVALID` for a point that it cannot have, with its `part` in the details
 */
export function settlePoint(name: string, point: FigurePoint): SettledPoint {
  const metric = figureMetrics.get(name);
  if (metric === undefined) {
    throw new MillraceError("THING_UNKNOWN", `no figure is called \`${name}\`${suggest(name, figureMetrics.keys())}`, {
      hint: `figures are ${[...figureMetrics.keys()].join(", ")}`,
    });
  }
  const { subject, periods } = metric;
  const of = point[subject];
  if (of === undefined || of === "") throw pointInvalid(subject, `expected the ${subject} that \`${name}\` is of`);
  const other = (["service", "project", "sprint"] as const).find((one) => one !== subject && point[one] !== undefined);
  if (other !== undefined) throw pointInvalid(other, `\`${name}\` is of a ${subject}, and has no ${other}`);
  const period = settlePeriod(name, metric, point.period);
  if (point.at === undefined || periods.length === 0 || period === "all") {
    if (point.at !== undefined) throw pointInvalid("at", `\`${name}\` has no time there: leave it out`);
    return { metric, subject, of, period, atMs: null };
  }
  return { metric, subject, of, period, atMs: toMoment(point.at, period) };
}

function settlePeriod(name: string, { periods }: FigureMetric, given: FigurePeriod | undefined): FigurePeriod | null {
  if (given === undefined) return periods.includes("month") ? "month" : (periods[0] ?? null);
  if (periods.includes(given)) return given;
  const known = periods.length === 0 ? "none" : `\`${periods.join("`, `")}\``;
  throw pointInvalid("period", `expected one of \`${name}\`, which has ${known}, got: \`${given}\``);
}

/** Within the period in whatever zone: the middle of a month or day, so that no zone moves it into another one. */
function toMoment(at: string, period: FigurePeriod | null): number {
  const [, month, day] = /^\d{4}-(\d{2})(?:-(\d{2}))?$/.exec(at) ?? [];
  if (month !== undefined && day === undefined && period === "week") {
    throw pointInvalid("at", `expected a day of the week, got: \`${at}\``);
  }
  const text = month === undefined ? at : `${day === undefined ? `${at}-15` : at}T12:00:00Z`;
  const atMs = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
  const isThere = Number.isFinite(atMs) && (month === undefined || new Date(atMs).toISOString().startsWith(at));
  if (isThere) return atMs;
  throw pointInvalid("at", `expected a month, a day or an instant, such as \`2026-01\`, got: \`${at}\``);
}

/**
 * One row, or none where there is no such figure: `value`, `n` where it has one, `start_ms` and `end_ms` of the period (NULL where it has none).
 */
export function figureStatement({ metric, of, period, atMs }: SettledPoint): FigureStatement {
  const { figures, subjectColumn, named, value, periods } = metric;
  const inputs = [figures];
  const own = `where ${subjectColumn} = {{subject}}`;
  if (named === undefined) {
    return {
      sql: `select ${value} as value, null::bigint as n, null::bigint as start_ms, null::bigint as end_ms from ${figures} ${own}`,
      values: { subject: of },
      inputs,
    };
  }
  const isTimed = period !== null && period !== "all";
  const span = isTimed
    ? "epoch_ms(start_at) as start_ms, epoch_ms(end_at) as end_ms"
    : "null::bigint as start_ms, null::bigint as end_ms";
  const within = atMs === null ? "" : "and epoch_ms(start_at) <= {{at}} and epoch_ms(end_at) > {{at}}";
  return {
    sql: `select ${value} as value, n, ${span} from ${figures} ${own} and ${named.column} = {{name}}
      ${periods.length === 0 ? "" : "and period = {{period}}"} ${within} order by start_at desc limit 1`,
    values: { subject: of, name: named.name, period, ...(atMs === null ? {} : { at: atMs }) },
    inputs,
  };
}

/** Milliseconds; NULL without a bound. */
export interface FigureSpan {
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** The place of a row among those of a figure. */
export type FigurePlace = readonly [atUs: number, key: string];

/**
 * The rows of a figure, the newest first: all columns of their dataset, `figure_value` (what each adds), and with `place` also `place_at` and `place_key`, to go on
 * after that row. Rows without a value, which count against the coverage, are among them.
 */
export function rowsStatement(
  { metric: { rows }, of }: Pick<SettledPoint, "metric" | "of">,
  span: FigureSpan,
  paging: { readonly after: FigurePlace | undefined } | undefined,
): FigureStatement {
  const { dataset, at, value, key, where, byPeriod = true } = rows;
  const isTimed = byPeriod && span.startMs !== null;
  const within = isTimed ? `and epoch_ms(${at}) >= {{from}} and epoch_ms(${at}) < {{to}}` : `and ${at} is not null`;
  const after = paging?.after;
  const behind =
    after === undefined
      ? ""
      : `and (epoch_us(${at}) < {{place_at}} or (epoch_us(${at}) = {{place_at}} and ${key} > {{place_key}}))`;
  const place = paging === undefined ? "" : `, epoch_us(${at}) as place_at, ${key} as place_key`;
  return {
    sql: `select x.*, ${value} as figure_value${place} from ${dataset} x
      where ${where} ${within} ${behind} order by epoch_us(${at}) desc, ${key}`,
    values: {
      subject: of,
      ...(isTimed ? { from: span.startMs, to: span.endMs } : {}),
      ...(after === undefined ? {} : { place_at: after[0], place_key: after[1] }),
    },
    inputs: [dataset],
  };
}

function pointInvalid(part: string, message: string): MillraceError {
  return new MillraceError("VALUE_INVALID", `\`${part}\`: ${message}`, { details: { part } });
}
