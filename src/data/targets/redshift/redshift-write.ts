// The statements that put loaded rows into a table, within the transaction that remembers the publication. Readers see the rows of before
// until it commits. `TRUNCATE` and `ALTER TABLE APPEND` would be faster, and each commits what came before it.
import { type Column, quoteIdentifier } from "../../../compute/engine.ts";
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import type { TargetInput } from "../../target.ts";
import { changesRows } from "../../modes/row-rule.ts";
import { changeRows, type RowDialect, type RowSession, standardDialect } from "../row-changes.ts";
import { columnList } from "../table-sql.ts";
import { maxTextBytes, type TableLayout } from "./options.ts";
import { loadedColumn, loadedTable } from "./redshift-load.ts";
import { findColumns, makeSchema, qualify, type RedshiftTable, rememberStatements } from "./redshift-table.ts";
import { quoteName, quoteText } from "./redshift-text.ts";
import { declareType, toLoadedType } from "./redshift-types.ts";

/** @param columns of the rows, in the order in which they were loaded @returns whether there was anything to do */
export async function writeRows(
  session: PostgresSession,
  place: RedshiftTable,
  layout: TableLayout,
  columns: readonly Column[],
  input: TargetInput,
): Promise<boolean> {
  const { mode, added } = input;
  const name = qualify(place);
  const isNew = await prepareTable(session, place, layout, input);
  const rows = selectLoaded(columns);
  if (changesRows(mode)) {
    const places = { dialect, table: name, own: quoteName(place.table), staged: `(${rows})`, columns };
    const touched = await changeRows(toRowSession(session), places, input);
    if (touched === 0 && !isNew && added.length === 0) return false;
  } else {
    if (mode === "replace") {
      await session.execute(`DELETE FROM ${name}`);
      await reshape(session, place, layout, input);
    }
    await session.execute(`INSERT INTO ${name} (${columnList(columns)}) ${rows}`);
  }
  for (const statement of rememberStatements(place, input.writer)) await session.execute(statement);
  return true;
}

/** There is no `IS DISTINCT FROM`, and what has parts is compared as the text of it. */
const dialect: RowDialect = {
  ...standardDialect,
  quote: quoteName,
  differs: (one, other, type) => {
    const text = (value: string): string => (type === "JSON" ? `JSON_SERIALIZE(${value})` : value);
    return `coalesce(${text(one)} <> ${text(other)}, (${one} IS NULL) <> (${other} IS NULL))`;
  },
  toText: ({ name }) => `CAST(${quoteIdentifier(name)} AS VARCHAR)`,
  constant: (text, type) => `CAST(${quoteText(text)} AS ${declareType(type, maxTextBytes)})`,
};

function toRowSession(session: PostgresSession): RowSession {
  return {
    count: async (sql) => Number((await session.query(sql))[0]?.[0]),
    change: (sql) => session.execute(sql),
  };
}

/** @returns whether the table is new */
async function prepareTable(
  session: PostgresSession,
  place: RedshiftTable,
  layout: TableLayout,
  { added, rows }: TargetInput,
): Promise<boolean> {
  if ((await findColumns(session, place)) === undefined) {
    await makeSchema(session, place);
    await session.execute(createTable(place, rows.columns, layout));
    return true;
  }
  for (const column of added) await addColumn(session, place, column, layout);
  return false;
}

/** Gives a table, which is empty now, the columns and types of the rows; one column a statement, and never the last one away. */
async function reshape(
  session: PostgresSession,
  place: RedshiftTable,
  layout: TableLayout,
  { contract, rows }: TargetInput,
): Promise<void> {
  if (contract !== "replace") return;
  const have = (await findColumns(session, place)) ?? [];
  const isSame = (one: Column, other: Column): boolean => one.name === other.name && one.type === other.type;
  const gone = have.filter((column) => !rows.columns.some((wanted) => isSame(column, wanted)));
  const table = `ALTER TABLE ${qualify(place)}`;
  for (const [index, { name }] of gone.entries()) {
    await session.execute(`${table} RENAME COLUMN ${quoteName(name)} TO ${goneName(index)}`);
  }
  for (const column of rows.columns) {
    if (!have.some((known) => isSame(known, column))) await addColumn(session, place, column, layout);
  }
  for (const index of gone.keys()) await session.execute(`${table} DROP COLUMN ${goneName(index)}`);
}

function goneName(index: number): string {
  return quoteName(`_millrace_gone_${index}`);
}

async function addColumn(
  session: PostgresSession,
  place: RedshiftTable,
  column: Column,
  layout: TableLayout,
): Promise<void> {
  await session.execute(`ALTER TABLE ${qualify(place)} ADD COLUMN ${definition(column, layout)}`);
}

function createTable(place: RedshiftTable, columns: readonly Column[], layout: TableLayout): string {
  const { distStyle, distKey, sortKey } = layout;
  const parts = [
    `CREATE TABLE ${qualify(place)} (${columns.map((column) => definition(column, layout)).join(", ")})`,
    ...(distStyle === undefined ? [] : [`DISTSTYLE ${distStyle.toUpperCase()}`]),
    ...(distKey === undefined ? [] : [`DISTKEY (${quoteName(distKey)})`]),
    ...(sortKey === undefined ? [] : [`COMPOUND SORTKEY (${sortKey.map(quoteName).join(", ")})`]),
  ];
  return parts.join(" ");
}

function definition({ name, type }: Column, { textBytes = maxTextBytes }: TableLayout): string {
  return `${quoteName(name)} ${declareType(type, textBytes)}`;
}

/** The loaded rows with the names and values of the table's columns. */
function selectLoaded(columns: readonly Column[]): string {
  const values = columns.map(
    ({ name, type }, index) => `${toLoadedType(type).fromLoaded(loadedColumn(index))} AS ${quoteIdentifier(name)}`,
  );
  return `SELECT ${values.join(", ")} FROM ${loadedTable}`;
}
