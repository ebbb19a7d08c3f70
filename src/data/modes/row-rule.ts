// What a publication does to the rows that are there, for modes that go by time: which of them give way, and the moment that rows
// which come are marked with. It is the same for all attempts of a run.
import { type Column, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { DatasetOutput, HistoryOptions, WriteMode } from "../../core/dataset/dataset.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatInstant, toMicros } from "../../core/schedule/instant-format.ts";
import type { Window } from "../../core/schedule/window.ts";
import { printLocal } from "./local-time.ts";

/** How a target puts rows in. A snapshot is a `delete_insert` by the column of its moment. */
export type TableMode = Exclude<WriteMode, "snapshot">;

/** Which rows of a table give way to those of a run. */
export interface CoveredRows {
  /** Column that tells it; NULL gives way to nothing. */
  readonly by: string;
  /** Half-open, as texts that the engine reads as values of the column. Absent: rows whose value one of the new rows has. */
  readonly ranges?: readonly ValueRange[];
}

export interface ValueRange {
  readonly from: string;
  readonly to: string;
}

/** How the versions of rows are kept. */
export interface HistoryRule {
  readonly validFrom: string;
  readonly validTo: string;
  /** When the rows hold, as a text that the engine reads as an instant. */
  readonly moment: string;
  /** Columns whose values alone make no new version. */
  readonly ignored: readonly string[];
  /** Whether versions of keys that the rows lack are closed. */
  readonly closesAbsent: boolean;
}

/** What an output means for one run. */
export interface RowRule {
  readonly mode: TableMode;
  /** Columns that rows get. */
  readonly stamps: readonly Stamp[];
  readonly covered?: CoveredRows;
  readonly history?: HistoryRule;
}

/** A column that all rows of a run have with one value. */
export interface Stamp extends Column {
  /** SQL of the value. */
  readonly value: string;
}

/** The time that a run is about. */
export interface RunSpan {
  /** Absent for a run that is about no part of time. */
  readonly windows?: readonly Window[];
  /** Of values without a zone. */
  readonly timezone: string;
  /** When the run was submitted. */
  readonly createdAtMs: number;
}

export const instantType = "TIMESTAMP WITH TIME ZONE";

/** Modes that ask for the key of every row. */
export function needsKey(mode: WriteMode): boolean {
  return mode === "merge" || mode === "insert_only" || mode === "scd2";
}

/** Modes that look at rows which are there, and change or keep them one by one. */
export function changesRows(mode: WriteMode): boolean {
  return mode !== "append" && mode !== "replace";
}

/** @param declared what the job says; a full refresh replaces all rows, which get the same columns nevertheless */
export function planRowRule(declared: DatasetOutput, isFullRefresh: boolean, span: RunSpan): RowRule {
  const { mode = "replace" } = declared;
  const rule = planDeclared(declared, mode, span);
  return isFullRefresh ? { mode: "replace", stamps: rule.stamps } : rule;
}

function planDeclared(output: DatasetOutput, mode: WriteMode, span: RunSpan): RowRule {
  switch (mode) {
    case "delete_insert":
      return { mode, stamps: [], covered: { by: output.by ?? "" } };
    case "snapshot":
      return planSnapshot(output.moment ?? defaultMoment, span);
    case "scd2":
      return planHistory(output, toMicros(momentOf(span)));
    default:
      return { mode, stamps: [] };
  }
}

const defaultMoment = "snapshot_at";

/** Without a window there is one snapshot a day. */
function planSnapshot(by: string, span: RunSpan): RowRule {
  const at = span.windows === undefined ? startOfDay(span.createdAtMs) : toMicros(momentOf(span));
  const [from, to] = [printInstant(at), printInstant(at + 1n)];
  const stamp = { name: by, type: instantType, value: castInstant(from) };
  return { mode: "delete_insert", stamps: [stamp], covered: { by, ranges: [{ from, to }] } };
}

function planHistory(options: HistoryOptions, at: bigint): RowRule {
  const { validFrom, validTo } = validityOf(options);
  const moment = printInstant(at);
  const stamps = [
    { name: validFrom, type: instantType, value: castInstant(moment) },
    { name: validTo, type: instantType, value: `CAST(NULL AS ${instantType})` },
  ];
  const { ignore = [], absent = "keep" } = options;
  return {
    mode: "scd2",
    stamps,
    history: { validFrom, validTo, moment, ignored: ignore, closesAbsent: absent === "close" },
  };
}

/** The columns that say when a version of a row holds. */
export function validityOf({ validFrom = "valid_from", validTo = "valid_to" }: HistoryOptions): {
  readonly validFrom: string;
  readonly validTo: string;
} {
  return { validFrom, validTo };
}

/** Names of the columns that rows of an output get. */
export function listStampNames(output: DatasetOutput): readonly string[] {
  if (output.mode === "snapshot") return [output.moment ?? defaultMoment];
  const { validFrom, validTo } = validityOf(output);
  return output.mode === "scd2" ? [validFrom, validTo] : [];
}

/** The end of what the run is about, or when it was submitted. */
function momentOf({ windows = [], createdAtMs }: RunSpan): string {
  const ends = windows.map(({ to }) => to).toSorted();
  return ends.at(-1) ?? new Date(createdAtMs).toISOString();
}

function startOfDay(ms: number): bigint {
  return toMicros(`${new Date(ms).toISOString().slice(0, 10)}T00:00:00.000Z`);
}

function printInstant(micros: bigint): string {
  return String(formatInstant(micros, "yyyy-MM-dd HH:mm:ss.SSSSSSXXX", "UTC"));
}

function castInstant(text: string): string {
  return `CAST(${quoteLiteral(text)} AS ${instantType})`;
}

/**
 * The rule with the windows of the run as values of the column `by`.
 * @throws MillraceError `SCHEMA_MISMATCH` for a column that holds no time, `PARAMS_INVALID` for dates that a window cuts, and for
 * an end that clocks show twice
 */
export function fitRowRule(rule: RowRule, dataset: string, columns: readonly Column[], span: RunSpan): RowRule {
  const { covered } = rule;
  if (covered === undefined || covered.ranges !== undefined || span.windows === undefined) return rule;
  const column = columns.find(({ name }) => name === covered.by);
  const print = printerOf(dataset, column ?? { name: covered.by, type: "none" }, span.timezone);
  const ranges = joinWindows(span.windows).map(({ from, to }) => ({ from: print(from), to: print(to) }));
  return { ...rule, covered: { by: covered.by, ranges } };
}

function printerOf(dataset: string, { name, type }: Column, timezone: string): (instant: string) => string {
  if (type === instantType) return (instant) => printInstant(toMicros(instant));
  const print = (instant: string): string => printLocal(instant, { dataset, name, timezone });
  if (/^TIMESTAMP(_S|_MS|_NS)?$/.test(type)) return print;
  if (type !== "DATE") throw noTime(dataset, name, type);
  return (instant) => {
    const text = print(instant);
    if (text.endsWith(" 00:00:00.000000")) return text.slice(0, 10);
    throw cutsDay(dataset, name, instant);
  };
}

/** Windows that touch become one, so that years of days are one range. */
export function joinWindows(windows: readonly Window[]): Window[] {
  const joined: Window[] = [];
  for (const window of windows.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = joined.at(-1);
    if (last === undefined || window.from > last.to) joined.push(window);
    else joined[joined.length - 1] = { from: last.from, to: last.to > window.to ? last.to : window.to };
  }
  return joined;
}

function noTime(dataset: string, name: string, type: string): MillraceError {
  const message = `column \`${name}\` of dataset \`${dataset}\` holds no time that could be compared with the window of the run, got: \`${type}\``;
  return new MillraceError("SCHEMA_MISMATCH", message, {
    hint: `make it a DATE or TIMESTAMP in the query: \`cast(${name} as timestamp)\`, or name another column in \`by\``,
  });
}

function cutsDay(dataset: string, name: string, instant: string): MillraceError {
  const message = `the window of the run begins or ends within a day, and column \`${name}\` of dataset \`${dataset}\` holds dates, got: \`${instant}\``;
  return new MillraceError("PARAMS_INVALID", message, {
    hint: 'its rows would replace those of the whole day; take whole days (`granularity: "day"` or `partial: false` of a watermark), or name a column with a time of the day in `by`',
  });
}

/** SQL of the engine that is true for rows which give way, and never NULL. @param column SQL of `by` @param rows the new rows */
export function coveredSql({ by, ranges }: CoveredRows, column: string, type: string, rows: string): string {
  if (ranges === undefined) return `coalesce(${column} IN (SELECT ${quoteIdentifier(by)} FROM (${rows})), false)`;
  const value = (text: string): string => `CAST(${quoteLiteral(text)} AS ${type})`;
  const parts = ranges.map(({ from, to }) => `(${column} >= ${value(from)} AND ${column} < ${value(to)})`);
  return `coalesce(${parts.length === 0 ? "false" : parts.join(" OR ")}, false)`;
}
