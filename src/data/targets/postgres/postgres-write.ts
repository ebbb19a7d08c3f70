// The statements that put staged rows into a table, within the transaction that remembers the publication. Readers see the rows of
// before until it commits; grants, indexes, triggers and views of the table stay.
import { createReadStream } from "node:fs";
import { type Column, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { PostgresSession } from "../../../connections/postgres/postgres-session.ts";
import { listNames, toPostgresType } from "../../postgres/postgres-column.ts";
import { changesRows } from "../../modes/row-rule.ts";
import type { TargetInput } from "../../target.ts";
import { rememberStatements } from "../publication-table.ts";
import { changeRows, type RowDialect, type RowSession, standardDialect } from "../row-changes.ts";
import { assertExactTimes, findColumns, isThere, memoryOf, type PostgresTable, qualify } from "./postgres-table.ts";
import { toPostgresText } from "./postgres-types.ts";

/** Rows in a file, as `COPY` takes them. */
export interface CopyFile {
  readonly path: string;
  /** In the order of the fields. */
  readonly columns: readonly Column[];
}

/** @returns whether there was anything to do @param file rows without the columns that they lack, so that the table's defaults hold for those */
export async function writeRows(
  session: PostgresSession,
  place: PostgresTable,
  file: CopyFile,
  input: TargetInput,
): Promise<boolean> {
  const { mode, added } = input;
  const name = qualify(place);
  if (changesRows(mode)) {
    const isNew = await prepareTable(session, place, input);
    const touched = await change(session, place, file, input);
    if (touched === 0 && !isNew && added.length === 0) return false;
  } else {
    await prepareRows(session, place, input);
    await copy(session, name, file);
  }
  await remember(session, place, input);
  return true;
}

/** Makes the table ready for rows that are copied into it, and with `replace` empties it. */
export async function prepareRows(
  session: PostgresSession,
  place: PostgresTable,
  input: Pick<TargetInput, "mode" | "rows" | "added" | "contract">,
): Promise<void> {
  await prepareTable(session, place, input);
  if (input.mode === "replace") await session.execute(`DELETE FROM ${qualify(place)}`);
  await reshape(session, place, input);
}

const staged = "pg_temp._millrace_staged";

/** @returns how many rows were touched */
async function change(
  session: PostgresSession,
  place: PostgresTable,
  file: CopyFile,
  input: TargetInput,
): Promise<number> {
  const { columns } = file;
  await session.execute(createTable(`TEMPORARY TABLE ${staged}`, columns, "ON COMMIT DROP"));
  await copy(session, staged, file);
  await session.execute(`ANALYZE ${staged}`);
  const rows: RowSession = {
    count: async (sql) => Number((await session.query(sql))[0]?.[0]),
    change: (sql) => session.execute(sql),
  };
  const own = quoteIdentifier(place.table);
  return await changeRows(rows, { dialect, table: qualify(place), own, staged, columns }, input);
}

const dialect: RowDialect = {
  ...standardDialect,
  // there is no equality of `json`
  differs: (one, other, type) => {
    const text = type === "JSON" ? "::text" : "";
    return standardDialect.differs(one + text, other + text, type);
  },
  toText: toPostgresText,
  constant: (text, type) => `CAST(${quoteLiteral(text)} AS ${toPostgresType(type)})`,
};

/** One writer at a time holds the table; readers go on. @returns whether the table is new */
async function prepareTable(
  session: PostgresSession,
  place: PostgresTable,
  input: Pick<TargetInput, "rows" | "added">,
): Promise<boolean> {
  const name = qualify(place);
  if (!(await isThere(session, place))) {
    await createSchema(session, place);
    await session.execute(createTable(`TABLE ${name}`, input.rows.columns));
    return true;
  }
  await session.execute(`LOCK TABLE ${name} IN SHARE ROW EXCLUSIVE MODE`);
  await assertExactTimes(session, place, input.rows.columns);
  for (const column of input.added) {
    await session.execute(`ALTER TABLE ${name} ADD COLUMN ${definition(column)}`);
  }
  return false;
}

/** Gives a table, which is empty now, the columns and types of the rows; columns that stay keep what hangs on them. */
async function reshape(
  session: PostgresSession,
  place: PostgresTable,
  { contract, rows }: Pick<TargetInput, "contract" | "rows">,
): Promise<void> {
  if (contract !== "replace") return;
  const have = (await findColumns(session, place)) ?? [];
  const isSame = (one: Column, other: Column): boolean => one.name === other.name && one.type === other.type;
  const changes = [
    ...have
      .filter((column) => !rows.columns.some((wanted) => isSame(column, wanted)))
      .map(({ name }) => `DROP COLUMN ${quoteIdentifier(name)}`),
    ...rows.columns
      .filter((wanted) => !have.some((column) => isSame(column, wanted)))
      .map((column) => `ADD COLUMN ${definition(column)}`),
  ];
  if (changes.length > 0) await session.execute(`ALTER TABLE ${qualify(place)} ${changes.join(", ")}`);
}

async function copy(session: PostgresSession, table: string, { path, columns }: CopyFile): Promise<void> {
  const sql = `COPY ${table} (${listNames(columns)}) FROM STDIN (FORMAT csv, NULL '\\N')`;
  await session.copyIn(sql, createReadStream(path, { highWaterMark: 262_144 }));
}

/** Makes the rows those of the run, for all who publish there later. */
export async function remember(
  session: PostgresSession,
  place: PostgresTable,
  { writer }: Pick<TargetInput, "writer">,
): Promise<void> {
  const memory = memoryOf(place);
  if (!(await isThere(session, memory))) {
    // two runs may publish for the first time at once
    await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`millrace:${place.schema}`]);
    await session.execute(`CREATE TABLE IF NOT EXISTS ${qualify(memory)}
      (position bigint GENERATED ALWAYS AS IDENTITY, run_id text NOT NULL, dataset text NOT NULL, fingerprint text NOT NULL)`);
  }
  for (const statement of rememberStatements(qualify(memory), writer)) await session.execute(statement);
}

/** Not every role that may use a schema may ask for one to be made. */
async function createSchema(session: PostgresSession, { schema }: PostgresTable): Promise<void> {
  const [row] = await session.query("SELECT to_regnamespace($1)", [quoteIdentifier(schema)]);
  if (row?.[0] === null) await session.execute(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
}

function createTable(what: string, columns: readonly Column[], rest = ""): string {
  return `CREATE ${what.replace("pg_temp.", "")} (${columns.map(definition).join(", ")}) ${rest}`;
}

function definition({ name, type }: Column): string {
  return `${quoteIdentifier(name)} ${toPostgresType(type)}`;
}
