// The rows that a request asks for, as one query over views of the session. What it may read is what it declares.
import { untyped } from "../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier } from "../compute/engine.ts";
import { trimStatement } from "../compute/sql-text.ts";
import { MillraceError } from "../core/errors.ts";
import type { PublishRequest } from "../core/job-context.ts";
import { suggest } from "../core/suggest.ts";
import { listReferences } from "./check-definition.ts";
import type { PublishScope } from "./publish-scope.ts";
import { defineDataset, defineInputs } from "./sources/dataset-source.ts";
import { openFileSource } from "./sources/file-source.ts";

export interface PublishQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** Whether the rows are those of files as they are, so that reading them again gives the same rows. */
  readonly isVerbatim: boolean;
  readonly warnings: readonly string[];
  /** To be called when the rows are read. @throws MillraceError `SOURCE_UNREADABLE` when files changed meanwhile; another try may succeed */
  assertUnchanged(): Promise<void>;
}

/**
 * Defines the views and checks the selects.
 * @param spool folder for copies of database tables; the caller deletes it
 * @param tableColumns columns of the table that is there, which those of an empty delivery are taken for
 * @throws MillraceError `SQL_INVALID`, `DATASET_UNKNOWN` for a table that is no input, `SOURCE_MISSING`, `SOURCE_UNREADABLE`,
 *   `SOURCE_EMPTY` for a delivery without rows or columns when nothing else tells the columns
 */
export async function openQuery(
  session: EngineSession,
  request: PublishRequest,
  scope: PublishScope,
  spool: string,
  tableColumns: () => Promise<readonly Column[] | undefined>,
): Promise<PublishQuery> {
  const { source, inputs = [], checks = [] } = request;
  const references = listReferences(checks);
  await defineInputs(session, scope.registry, [...inputs, ...references], spool);
  if (source !== undefined && "dataset" in source) {
    await defineDataset(session, scope.registry, source, spool, "source");
  }
  const files = source !== undefined && "file" in source ? source.file : undefined;
  const hint = { columns: tableColumns, isVerbatim: request.sql === undefined };
  const relation = files === undefined ? undefined : await openFileSource(session, files, scope.paths.root, hint);
  if (relation !== undefined) {
    await session.defineView("source", relation.sql ?? (await selectNothing(request, tableColumns)));
  }
  const selects = toSelects(request);
  const used = await assertTables(session, selects, request);
  const unused = inputs.filter((name) => !used.has(name.toLowerCase()) && !references.includes(name));
  const sql = chain(selects);
  const isVerbatim = relation !== undefined && request.sql === undefined;
  const columns = await describe(session, sql, request, relation?.sql !== undefined || files === undefined);
  return {
    sql,
    columns: isVerbatim ? markUntyped(columns, relation.untyped) : columns,
    isVerbatim,
    warnings: [...(relation?.warnings ?? []), ...unused.map((name) => `input \`${name}\` is not read by the query`)],
    assertUnchanged: async () => await relation?.assertUnchanged(),
  };
}

/** A delivery that tells no column stands for no row of the table that is there. */
async function selectNothing(
  { output }: PublishRequest,
  tableColumns: () => Promise<readonly Column[] | undefined>,
): Promise<string> {
  const columns = await tableColumns();
  if (columns === undefined) {
    throw new MillraceError("SOURCE_EMPTY", `no row came for dataset \`${output.dataset}\`, which has no table yet`, {
      hint: "without a row the columns are unknown; the first delivery that has one makes the table",
    });
  }
  const list = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}

async function describe(
  session: EngineSession,
  sql: string,
  { output }: PublishRequest,
  hasColumns: boolean,
): Promise<Column[]> {
  try {
    return await session.describe(sql);
  } catch (cause) {
    if (hasColumns || !(cause instanceof MillraceError) || cause.code !== "SQL_INVALID") throw cause;
    const message = `no row came for dataset \`${output.dataset}\`, and its query needs other columns than its table has`;
    throw new MillraceError("SOURCE_EMPTY", `${message}: ${cause.message}`, {
      cause,
      hint: "publish the rows as they come, and query that dataset in a second job",
    });
  }
}

function markUntyped(columns: readonly Column[], names: readonly string[]): Column[] {
  return columns.map(({ name, type }) => ({ name, type: names.includes(name) ? untyped : type }));
}

function toSelects({ sql, source, output }: PublishRequest): readonly string[] {
  const selects = typeof sql === "string" ? [sql] : (sql ?? []);
  if (selects.length > 0) return selects;
  if (source !== undefined) return ["SELECT * FROM source"];
  throw new MillraceError("VALUE_INVALID", `dataset \`${output.dataset}\` needs \`sql\` or a \`source\``);
}

/** @returns the tables that the selects read, in lower case, as the engine does not tell them apart */
async function assertTables(
  session: EngineSession,
  selects: readonly string[],
  { inputs = [], source }: PublishRequest,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const [index, select] of selects.entries()) {
    const hasSource = source !== undefined || index > 0;
    const known = hasSource ? [...inputs, "source"] : inputs;
    for (const table of await session.parseSelect(select)) {
      used.add(table.toLowerCase());
      if (known.some((name) => name.toLowerCase() === table.toLowerCase())) continue;
      throw new MillraceError(
        "DATASET_UNKNOWN",
        `the query reads a table that is no input: \`${table}\`${suggest(table, known)}`,
        {
          hint:
            known.length === 0 ? "name it in `inputs`" : `inputs: ${known.join(", ")}; name what else it reads there`,
        },
      );
    }
  }
  return used;
}

/** Each select reads the one before as `source`. */
function chain(selects: readonly string[]): string {
  return selects.map(trimStatement).reduce((before, select) => {
    // not materialized, so that the engine sees one query
    return `WITH ${quoteIdentifier("source")} AS NOT MATERIALIZED (\n${before}\n)\nSELECT * FROM (\n${select}\n)`;
  });
}
