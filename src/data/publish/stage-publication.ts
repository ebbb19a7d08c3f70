// Writes the rows of a publication to staging once: those that pass, and beside them those that `quarantine` checks set aside.
import { join } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { castExactly } from "../../compute/exact-cast.ts";
import { type CompiledCheck, listQuarantines } from "../checks/checks.ts";
import {
  asideColumns,
  type AsideRun,
  assertNoAsideColumns,
  earlyAsideColumns,
  fileColumn,
  markSql,
  reasonsColumn,
  rowColumn,
} from "../datasets/quarantine/aside-columns.ts";
import { type AsideRows, reasonsColumn as asideReasons } from "../convert/convert-rows.ts";
import { packFields } from "../convert/pack-fields.ts";
import type { PublishShape } from "./publish-shape.ts";
import { plainLayout, stageRows, type StagedRows } from "../staged-rows.ts";

export interface StagedPublication {
  readonly rows: StagedRows;
  /** Absent without `quarantine` checks. */
  readonly aside?: SetAside;
}

/** Rows that were set aside. */
export interface SetAside {
  /** Parquet file in staging with the columns of the rows and those that say why, when and where they come from. */
  readonly relation: string;
  readonly columns: readonly Column[];
  readonly rowCount: number;
  /** A row that breaks two checks counts for both. */
  readonly byCheck: ReadonlyMap<string, number>;
}

export interface StagePublicationInput {
  readonly session: EngineSession;
  readonly shape: PublishShape;
  readonly checks: readonly CompiledCheck[];
  /** Whether the query may be run twice. */
  readonly isVerbatim: boolean;
  /** Where the rows come from, as far as it is known. */
  readonly origin: RowOrigin;
  /** Rows that were set aside before; absent where that cannot be. */
  readonly early?: readonly AsideRows[];
  readonly run: AsideRun;
  readonly nowMs: number;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** Where the rows of a publication come from. */
export interface RowOrigin {
  /** The only file of the source, relative to the project. */
  readonly file?: string;
  /** The rows as the query gives them, with a last column `_quarantine_file`. */
  readonly told?: string;
}

/** Stages the rows. Every row of the query is in exactly one of the two sets. */
export async function stagePublication(input: StagePublicationInput): Promise<StagedPublication> {
  const quarantines = listQuarantines(input.checks);
  if (quarantines.length === 0 && input.early === undefined)
    return { rows: await stagePassing(input, input.shape.sql) };
  assertNoAsideColumns(input.shape.columns);
  // files are read twice, which costs less than a copy; any other query might not give the same rows again
  if (quarantines.length === 0) return await stageEarly(input);
  return input.isVerbatim ? await split(input, input.shape.sql, quarantines) : await splitOnce(input, quarantines);
}

/** Rows of a query that may be run only once. */
const rowsTable = "_millrace_rows";

/** Rows of which none is looked at by a check. */
async function stageEarly(input: StagePublicationInput): Promise<StagedPublication> {
  return { rows: await stagePassing(input, input.shape.sql), aside: await stageFailing(input, []) };
}

type Quarantines = ReturnType<typeof listQuarantines>;

async function splitOnce(input: StagePublicationInput, quarantines: Quarantines): Promise<StagedPublication> {
  const { session, shape, signal } = input;
  const copy = quoteIdentifier(rowsTable);
  await session.materialize(rowsTable, shape.sql, { signal });
  try {
    return await split(input, `SELECT * FROM ${copy}`, quarantines);
  } finally {
    await session.execute(`DROP TABLE IF EXISTS ${copy}`);
  }
}

async function split(input: StagePublicationInput, sql: string, quarantines: Quarantines): Promise<StagedPublication> {
  const breaksAny = quarantines.map(({ breaks }) => breaks).join(" OR ");
  const rows = await stagePassing(input, `SELECT * FROM (\n${sql}\n) WHERE NOT (${breaksAny})`);
  const reasons = quarantines
    .map(({ name, breaks }) => `CASE WHEN ${breaks} THEN ${quoteLiteral(name)} END`)
    .join(", ");
  const columns = input.shape.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const { run, nowMs } = input;
  const failing = `SELECT ${columns}, list_filter([${reasons}], lambda reason: reason IS NOT NULL) AS ${reasonsColumn},
      ${markSql(run, nowMs)}, ${fileColumn}
    FROM (\n${withFile(input, sql)}\n) WHERE ${breaksAny}`;
  return { rows, aside: await stageFailing(input, [failing]) };
}

/** Rows that were set aside before, as far as they have the columns of the dataset. */
function selectEarly({ shape, origin, run, nowMs }: StagePublicationInput, { sql, columns: have }: AsideRows): string {
  const list = shape.columns.map(({ name, type }) => {
    const column = have.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (column === undefined) return `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`;
    const { cast, fits } = castExactly(quoteIdentifier(column.name), column.type, type);
    return `CASE WHEN ${fits} THEN ${cast} END AS ${quoteIdentifier(name)}`;
  });
  const file = origin.file === undefined ? "CAST(NULL AS VARCHAR)" : quoteLiteral(origin.file);
  return `SELECT ${list.join(", ")}, ${asideReasons} AS ${reasonsColumn}, ${markSql(run, nowMs)}, ${file} AS ${fileColumn},
      ${rowAsJson(have)} AS ${rowColumn} FROM (\n${sql}\n)`;
}

/** Numbers of more digits than a double has are texts. */
function rowAsJson(columns: readonly Column[]): string {
  const fields = columns.map(({ name, type }): [string, string] => {
    const column = quoteIdentifier(name);
    return [name, /DECIMAL|HUGEINT/.test(type) ? `CAST(${column} AS VARCHAR)` : column];
  });
  return `CAST(to_json(${packFields(fields)}) AS VARCHAR)`;
}

/** No row, with all columns. */
function selectNone(columns: readonly Column[]): string {
  const list = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}

/** The rows with the file that each comes from. */
function withFile({ origin, shape, isVerbatim }: StagePublicationInput, sql: string): string {
  if (origin.told !== undefined && isVerbatim) return shape.keeping(origin.told, fileColumn);
  const file = origin.file === undefined ? "CAST(NULL AS VARCHAR)" : quoteLiteral(origin.file);
  return `SELECT *, ${file} AS ${fileColumn} FROM (\n${sql}\n)`;
}

async function stagePassing(input: StagePublicationInput, sql: string): Promise<StagedRows> {
  return await stageShaped({ ...input, folder: join(input.folder, "rows") }, sql);
}

/** Stages rows that have the shape, as its targets store them. */
export async function stageShaped(
  { session, shape, folder, signal }: Pick<StagePublicationInput, "session" | "shape" | "folder" | "signal">,
  sql: string,
): Promise<StagedRows> {
  return await stageRows({ session, sql, layout: shape.layout, folder, signal });
}

async function stageFailing(input: StagePublicationInput, failing: readonly string[]): Promise<SetAside> {
  const { session, shape, folder, signal, early } = input;
  const columns = [...shape.columns, ...(early === undefined ? asideColumns : earlyAsideColumns)];
  const before = early === undefined ? [] : [selectNone(columns), ...early.map((rows) => selectEarly(input, rows))];
  const sql = [...before, ...failing].join("\nUNION ALL BY NAME\n");
  const staged = await stageRows({
    session,
    sql,
    layout: plainLayout(columns),
    folder: join(folder, "aside"),
    signal,
  });
  const byCheck = new Map<string, number>();
  const counts = await session.query(
    `SELECT reason, count(*) AS n FROM (SELECT unnest(${reasonsColumn}) AS reason FROM (${staged.relation})) GROUP BY reason`,
    { signal },
  );
  for (const { reason, n } of counts) byCheck.set(String(reason), Number(n));
  const rowCount = staged.files.reduce((sum, file) => sum + file.rows, 0);
  return { relation: staged.relation, columns, rowCount, byCheck };
}
