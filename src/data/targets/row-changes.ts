// How the modes that look at single rows change a table of a database, written once for all of them: the rows are in a staging table
// beside it, and statements within the transaction of the publication do the rest, whose number does not grow with the rows.
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { CoveredRows, HistoryRule } from "../modes/row-rule.ts";
import { outOfOrder } from "../modes/row-order.ts";
import type { TargetInput } from "../target.ts";

/** What databases write in different ways. */
export interface RowDialect {
  quote(name: string): string;
  /** One statement that gives rows `t` of a table the values of columns of the rows `s` that they match. */
  update(table: string, staged: string, matches: string, columns: readonly string[]): string;
  /**
   * One statement that deletes the staged rows `s` which match a row `t` of the table. Absent where the rows that match none are found
   * fast by an outer join.
   */
  dropMatching?(table: string, staged: string, matches: string): string;
  /** SQL that is true where two values of a column differ, NULL being a value as others. */
  differs(one: string, other: string, type: string): string;
  /** SQL of the engine: the text of a value of a column, as `constant` takes it. */
  toText(column: Column): string;
  /** A value of a type from its text. */
  constant(text: string, type: string): string;
}

/** What DuckDB, SQLite and Postgres have in common. */
export const standardDialect: Pick<RowDialect, "quote" | "update" | "differs"> = {
  quote: quoteIdentifier,
  update: (table, staged, matches, columns) => {
    const assignments = columns.map((column) => `${column} = s.${column}`).join(", ");
    return `UPDATE ${table} AS t SET ${assignments} FROM ${staged} AS s WHERE ${matches}`;
  },
  differs: (one, other) => `${one} IS DISTINCT FROM ${other}`,
};

/** The transaction of a publication. */
export interface RowSession {
  /** The one number of a query. */
  count(sql: string): Promise<number>;
  /** Executes a statement. @returns how many rows it has inserted, changed or deleted */
  change(sql: string): Promise<number>;
}

/** Where the rows are. */
export interface RowPlaces {
  readonly dialect: RowDialect;
  /** The table, as statements name it. */
  readonly table: string;
  /** The table, as columns are qualified with it. */
  readonly own: string;
  /** The staged rows, whose columns are `columns`; its key is looked up fast. */
  readonly staged: string;
  readonly columns: readonly Column[];
}

/**
 * Makes the change.
 * @returns how many rows it has touched; none means that the table is as it was
 * @throws MillraceError `RUN_SUPERSEDED` for versions that are older than those which are there
 */
export async function changeRows(session: RowSession, places: RowPlaces, input: TargetInput): Promise<number> {
  const { key, covered, history } = input;
  if (history !== undefined) return await keepHistory(session, places, { key, history, engine: input.session });
  if (covered !== undefined) return await replaceCovered(session, places, covered, input.session);
  const updated = input.mode === "merge" ? await updateMatching(session, places, key) : 0;
  return updated + (await insertMissing(session, places, key));
}

/** Rows that are as they were are not touched, and columns that are not staged keep their values. */
async function updateMatching(session: RowSession, places: RowPlaces, key: readonly string[]): Promise<number> {
  const { table, staged, columns, dialect } = places;
  const keys = new Set(key.map((name) => name.toLowerCase()));
  const values = columns.filter(({ name }) => !keys.has(name.toLowerCase()));
  if (values.length === 0) return 0;
  const differs = values.map(({ name, type }) => {
    const column = dialect.quote(name);
    return dialect.differs(`t.${column}`, `s.${column}`, type);
  });
  const matches = `${matchKeys(places, key)} AND (${differs.join(" OR ")})`;
  const names = values.map(({ name }) => dialect.quote(name));
  return await session.change(dialect.update(table, staged, matches, names));
}

function matchKeys({ dialect }: RowPlaces, key: readonly string[]): string {
  return key.map((name) => `t.${dialect.quote(name)} = s.${dialect.quote(name)}`).join(" AND ");
}

async function replaceCovered(
  session: RowSession,
  places: RowPlaces,
  covered: CoveredRows,
  engine: EngineSession,
): Promise<number> {
  const { table, staged } = places;
  const list = listColumns(places);
  const gone = await session.change(`DELETE FROM ${table} WHERE ${await coveredRows(places, covered, engine)}`);
  return gone + (await session.change(`INSERT INTO ${table} (${list}) SELECT ${list} FROM ${staged} AS s`));
}

async function coveredRows(places: RowPlaces, { by, ranges }: CoveredRows, engine: EngineSession): Promise<string> {
  const column = places.dialect.quote(by);
  if (ranges === undefined) return `${column} IN (SELECT s.${column} FROM ${places.staged} AS s)`;
  if (ranges.length === 0) return "1 = 0";
  const bounds = await toConstants(
    places,
    by,
    ranges.flatMap(({ from, to }) => [from, to]),
    engine,
  );
  const parts = ranges.map(
    (_range, index) => `(${column} >= ${bounds[2 * index]} AND ${column} < ${bounds[2 * index + 1]})`,
  );
  return parts.join(" OR ");
}

interface HistoryChange {
  readonly key: readonly string[];
  readonly history: HistoryRule;
  readonly engine: EngineSession;
}

/** What an earlier attempt or run has done at the same moment is undone first, so that it is done once. */
async function keepHistory(session: RowSession, places: RowPlaces, change: HistoryChange): Promise<number> {
  const { table, own, dialect } = places;
  const { key, history, engine } = change;
  const [from, to] = [history.validFrom, history.validTo].map((name) => `${own}.${dialect.quote(name)}`);
  const [moment = ""] = await toConstants(places, history.validFrom, [history.moment], engine);
  const staged = hasStaged(places, key);
  const isMeant = history.closesAbsent ? "1 = 1" : staged();
  const late = await session.count(
    `SELECT count(*) FROM ${table} WHERE (${from} > ${moment} OR ${to} > ${moment}) AND ${isMeant}`,
  );
  if (late > 0) throw outOfOrder(history, late);
  const end = dialect.quote(history.validTo);
  const differs = comparedColumns(places, key, history).map(({ name, type }) => {
    const column = dialect.quote(name);
    return dialect.differs(`${own}.${column}`, `s.${column}`, type);
  });
  const changed = differs.length === 0 ? "1 = 0" : `(${differs.join(" OR ")})`;
  const isOver = history.closesAbsent ? `NOT ${staged(`NOT ${changed}`)}` : staged(changed);
  const statements = [
    `DELETE FROM ${table} WHERE ${from} = ${moment} AND ${isMeant}`,
    `UPDATE ${table} SET ${end} = NULL WHERE ${to} = ${moment} AND ${isMeant}`,
    `UPDATE ${table} SET ${end} = ${moment} WHERE ${to} IS NULL AND ${isOver}`,
  ];
  let touched = 0;
  for (const statement of statements) touched += await session.change(statement);
  return touched + (await insertMissing(session, places, key, `t.${end} IS NULL`));
}

/** SQL that is true for rows of the table whose key is staged, in a row that fulfils `also`. */
function hasStaged({ own, staged, dialect }: RowPlaces, key: readonly string[]): (also?: string) => string {
  const matches = key.map((name) => `s.${dialect.quote(name)} = ${own}.${dialect.quote(name)}`);
  return (also) =>
    `EXISTS (SELECT 1 FROM ${staged} AS s WHERE ${[...matches, ...(also === undefined ? [] : [also])].join(" AND ")})`;
}

/** All but the key, what is left out on purpose, and the columns that every version has of its own. */
function comparedColumns({ columns }: RowPlaces, key: readonly string[], history: HistoryRule): readonly Column[] {
  const others = new Set(
    [...key, ...history.ignored, history.validFrom, history.validTo].map((name) => name.toLowerCase()),
  );
  return columns.filter(({ name }) => !others.has(name.toLowerCase()));
}

/**
 * Inserts the staged rows whose key the table lacks; nothing can be done with the staged rows afterwards. A join and no `not exists`:
 * SQLite makes an index of the table for the one, and reads the whole table for each row of the other.
 * @param among condition on rows `t` of the table that count
 */
async function insertMissing(
  session: RowSession,
  places: RowPlaces,
  key: readonly string[],
  among?: string,
): Promise<number> {
  const { table, staged, columns, dialect } = places;
  const list = listColumns(places);
  const values = columns.map(({ name }) => `s.${dialect.quote(name)}`);
  const matches = matchKeys(places, key) + (among === undefined ? "" : ` AND ${among}`);
  if (dialect.dropMatching !== undefined) {
    await session.change(dialect.dropMatching(table, staged, matches));
    return await session.change(`INSERT INTO ${table} (${list}) SELECT ${list} FROM ${staged} AS s`);
  }
  return await session.change(`INSERT INTO ${table} (${list}) SELECT ${values.join(", ")} FROM ${staged} AS s
    LEFT JOIN ${table} AS t ON ${matches}
    WHERE t.${dialect.quote(key[0] ?? "")} IS NULL`);
}

function listColumns({ columns, dialect }: RowPlaces): string {
  return columns.map(({ name }) => dialect.quote(name)).join(", ");
}

/** Values of a column as the database has them in statements. */
async function toConstants(
  { columns, dialect }: RowPlaces,
  name: string,
  texts: readonly string[],
  engine: EngineSession,
): Promise<string[]> {
  const column = columns.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) throw new MillraceError("INTERNAL", `the rows have no column \`${name}\``);
  const values = texts.map((text) => `CAST(${quoteLiteral(text)} AS ${column.type})`);
  const rows = await engine.query(
    `SELECT ${dialect.toText(column)} AS v FROM (SELECT unnest([${values.join(", ")}]) AS ${quoteIdentifier(column.name)})`,
  );
  return rows.map(({ v }) => dialect.constant(String(v), column.type));
}
