// Reads a table or query of MySQL or MariaDB with one connection, or a table in parts with several: all see it as it was at one moment.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { trimStatement } from "../../../compute/sql-text.ts";
import type { DatabaseName } from "../../../connections/database/database-address.ts";
import { type MysqlAccess, type MysqlSession, withMysql } from "../../../connections/mysql/mysql-session.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { countTexts, type TextSpool } from "../../files/text-spool.ts";
import { type MysqlColumn, type MysqlReading, selectTexts, toMysqlColumn } from "../../mysql/mysql-column.ts";
import { spoolRows } from "../../mysql/mysql-spool.ts";
import { findTable, type MysqlTable, qualify, readColumns } from "../../mysql/mysql-table.ts";
import type { SourceOpening } from "../../source.ts";
import { allOrStop } from "./all-or-stop.ts";
import type { CopiedRows } from "./copied-rows.ts";
import { findKeyRanges } from "./mysql-ranges.ts";
import { beginReading, shareSnapshot } from "./mysql-snapshot.ts";
import type { BoundSource } from "./bound-source.ts";
import type { BoundValue } from "./sql-params.ts";

export async function readMysql(name: DatabaseName, source: BoundSource, opening: SourceOpening): Promise<CopiedRows> {
  const { query, table = "", parallel = 2, zeroDates = "fail" } = source;
  const { signal } = opening;
  const reading: MysqlReading = { zeroDatesAreNull: zeroDates === "null" };
  const copied = await withMysql(name, { signal }, async (session) => {
    if (query !== undefined) return await readQuery(session, { ...source, query }, reading, opening);
    return await readTable(session, { name, place: toPlace(table), parallel, reading }, opening);
  });
  const nulled = zeroDates === "null" ? await describeNulled(copied, opening) : [];
  return { ...copied, warnings: [...copied.warnings, ...nulled] };
}

interface MysqlRows extends CopiedRows {
  readonly columns: readonly MysqlColumn[];
  readonly spools: readonly TextSpool[];
  readonly warnings: readonly string[];
}

async function readQuery(
  session: MysqlSession,
  { query, params }: BoundSource & { readonly query: string },
  reading: MysqlReading,
  opening: SourceOpening,
): Promise<MysqlRows> {
  const select = trimStatement(query);
  const columns = (await session.describe(select)).map((field) => toMysqlColumn(field, reading));
  assertColumns(columns);
  // names may occur twice in a result
  const names = columns.map((_column, index) => `c${index}`);
  const isPlain = columns.every((column) => column.toText("c") === "c" && !column.name.startsWith("__"));
  const wrapped = `WITH q(${names.join(", ")}) AS (${select}\n) ${selectTexts(columns, "q", names)}`;
  const statement = isPlain ? select : wrapped;
  await session.execute(beginReading);
  const bound = params.length === 0 ? statement : await session.bind(statement, params.map(toMysqlValue));
  return { columns, spools: [await spoolRows(session, [bound], nextFile(opening))], warnings: [] };
}

/** The server does not understand the zone of an instant, and is told UTC by its session. */
function toMysqlValue(value: BoundValue): BoundValue {
  if (typeof value !== "string") return value;
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?:Z|\+00:00)?$/.exec(value) ?? [];
  return day === undefined ? value : `${day} ${time}`;
}

interface TableReading {
  readonly name: DatabaseName;
  readonly place: MysqlTable;
  readonly parallel: number;
  readonly reading: MysqlReading;
}

async function readTable(session: MysqlSession, table: TableReading, opening: SourceOpening): Promise<MysqlRows> {
  const { place, parallel, reading } = table;
  const facts = await findTable(session, place);
  if (facts === undefined) throw noTable(place);
  const columns = await readColumns(session, place, reading);
  assertColumns(columns);
  const names = columns.map(({ name }) => name);
  const select = selectTexts(columns, qualify(place), names);
  const isLarge = facts.keepsSnapshots && facts.bytes >= leastBytes && parallel > 1;
  const ranges = isLarge ? await findKeyRanges(session, place, parallel * partsOfEach) : [];
  if (ranges.length > 0) {
    const parts = ranges.map((range) => `${select} WHERE ${range}`);
    const spools = await readParts(session, table, parts, opening);
    if (spools !== undefined) return { columns, spools, warnings: [] };
  }
  await session.execute(beginReading);
  const warnings =
    ranges.length === 0
      ? []
      : [
          `table \`${place.table}\` was read by one connection: several would need the right to \`LOCK TABLES\`, and nobody who holds it for long`,
        ];
  return { columns, spools: [await spoolRows(session, [select], nextFile(opening))], warnings };
}

/** A smaller table is read faster than another connection is made. */
const leastBytes = 16_000_000;

/** Ranges of keys have different numbers of rows; whoever is done with one takes the next. */
const partsOfEach = 4;

/** @returns nothing when the sessions cannot see the table as of one moment */
async function readParts(
  session: MysqlSession,
  { name, place, parallel }: TableReading,
  parts: readonly string[],
  opening: SourceOpening,
): Promise<readonly TextSpool[] | undefined> {
  const stop = new AbortController();
  const access: MysqlAccess = { signal: AbortSignal.any([opening.signal, stop.signal]) };
  return await withSessions(name, access, parallel - 1, async (others) => {
    const sessions = [session, ...others];
    if (!(await shareSnapshot(name, qualify(place), sessions, access))) return undefined;
    opening.operation(`reading ${place.table} by ${sessions.length} connections, as of one moment`);
    const queue = parts.values();
    return await allOrStop(
      sessions.map((one) => spoolRows(one, queue, nextFile(opening))),
      stop,
    );
  });
}

async function withSessions<T>(
  name: DatabaseName,
  access: MysqlAccess,
  count: number,
  work: (sessions: readonly MysqlSession[]) => Promise<T>,
): Promise<T> {
  if (count === 0) return await work([]);
  return await withMysql(name, access, (session) =>
    withSessions(name, access, count - 1, (others) => work([session, ...others])),
  );
}

/** Which dates were read as NULL, for people. */
async function describeNulled({ columns, spools }: MysqlRows, { session }: SourceOpening): Promise<readonly string[]> {
  const dates = columns.flatMap((column, index) => {
    const condition = column.standsForNull?.(`c${index}`);
    return condition === undefined ? [] : [{ name: column.name, index, condition }];
  });
  if (dates.length === 0) return [];
  const conditions = dates.map(({ index, condition }) => [index, condition] as const);
  const counts = countTexts(spools, columns.length, conditions);
  const [row] = await session.query(counts);
  return dates.flatMap(({ name, index }) => {
    const count = Number(row?.[`c${index}`]);
    return count === 0
      ? []
      : [`column \`${name}\` has dates without a day or a month, read as NULL, rows: \`${count}\``];
  });
}

function toPlace(table: string): MysqlTable {
  const [first = "", second] = table.split(".");
  return second === undefined ? { table: first } : { database: first, table: second };
}

function noTable({ database, table }: MysqlTable): MillraceError {
  const name = database === undefined ? table : `${database}.${table}`;
  return new MillraceError("SOURCE_MISSING", `there is no table or view \`${name}\` in the database`, {
    hint: "correct `table` of the source; one of another database has its name before it, as in `sales.orders`",
  });
}

function assertColumns(columns: readonly MysqlColumn[]): void {
  if (columns.length > 0) return;
  throw new MillraceError("SOURCE_UNREADABLE", "what the source reads has no column", { hint: "select at least one" });
}

function nextFile({ spool }: SourceOpening): string {
  return join(spool, `${randomUUID()}.csv`);
}
