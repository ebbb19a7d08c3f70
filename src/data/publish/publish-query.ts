// The rows that a request asks for, as one query over views of the session. What it may read is what it declares.
import { untyped } from "../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { trimStatement } from "../../compute/sql-text.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { findReadNames } from "./ask-rows.ts";
import { listReferences } from "../checks/check-definition.ts";
import type { NamedRequest } from "./named-request.ts";
import type { PublishScope } from "./publish-scope.ts";
import type { DatasetLookup } from "../datasets/dataset-catalog.ts";
import { fileColumn } from "../datasets/quarantine/aside-columns.ts";
import { defineInputs } from "../datasets/open-dataset.ts";
import type { OpenSource, SourceOpening } from "../source.ts";
import { openSource } from "../sources/source-registry.ts";
import { defineRows } from "../table-rows.ts";
import type { RowOrigin } from "./stage-publication.ts";

export interface PublishQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** Whether the rows are those of files as they are, so that reading them again gives the same rows. */
  readonly isVerbatim: boolean;
  /** Where the rows come from. */
  readonly origin: RowOrigin;
  readonly warnings: readonly string[];
  /** How many rows the query gives, where the files were counted and are read as they are. */
  readonly rowCount?: number;
  /** Says more about what reading the rows failed with. @throws MillraceError `SOURCE_UNREADABLE` when files changed meanwhile */
  explain(error: unknown): Promise<unknown>;
  /** To be called when the rows are read. @throws MillraceError `SOURCE_UNREADABLE` when files changed meanwhile; another try may succeed */
  assertUnchanged(): Promise<void>;
}

/** What a query needs of the attempt, or of a plan. */
export interface QueryScope extends Pick<
  PublishScope,
  "inputs" | "connect" | "onSecret" | "signal" | "log" | "now" | "operation" | "ledger" | "redact" | "observer"
> {
  readonly catalog: DatasetLookup;
  readonly paths: Pick<PublishScope["paths"], "root">;
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
  request: NamedRequest,
  scope: QueryScope,
  spool: string,
  tableColumns: () => Promise<readonly Column[] | undefined>,
): Promise<PublishQuery> {
  const { source, checks = [] } = request;
  const selects = toSelects(request);
  const inputs = request.inputs ?? (await findReadNames(session, selects, scope.inputs));
  const references = listReferences(checks);
  const options = { spool, warn: (message: string) => scope.log.warn(message) };
  await defineInputs(session, scope.catalog, [...inputs, ...references], options);
  const table = { columns: tableColumns, isVerbatim: request.sql === undefined };
  const opening: SourceOpening = {
    session,
    root: scope.paths.root,
    catalog: scope.catalog,
    table,
    reading: request.reading ?? {},
    signal: scope.signal,
    ...(scope.connect === undefined ? {} : { connect: scope.connect }),
    ...(scope.observer === undefined ? {} : { observer: scope.observer }),
    ...(scope.onSecret === undefined ? {} : { onSecret: scope.onSecret }),
    ...(scope.ledger === undefined ? {} : { ledger: scope.ledger }),
    ...(scope.redact === undefined ? {} : { redact: scope.redact }),
    now: () => scope.now(),
    operation: (text) => scope.operation(text),
    ...options,
  };
  const open = source === undefined ? undefined : await openSource(source, opening);
  if (open !== undefined) {
    await defineRows(session, "source", open.rows ?? { sql: await selectNothing(request, tableColumns) });
  }
  const used = await assertTables(session, selects, { inputs: request.inputs ?? scope.inputs, source });
  const unused = inputs.filter((name) => !used.has(name.toLowerCase()) && !references.includes(name));
  const sql = chain(selects);
  const isVerbatim = open?.isRepeatable === true && request.sql === undefined;
  const isEmpty = open !== undefined && (open.rows === undefined || open.rowCount === 0);
  const columns = await describe(session, sql, request, !isEmpty);
  return {
    sql,
    columns: isVerbatim ? markUntyped(columns, open.untyped ?? []) : columns,
    isVerbatim,
    origin: await findOrigin(open, request),
    warnings: [...(open?.warnings ?? []), ...unused.map((name) => `input \`${name}\` is not read by the query`)],
    ...(isVerbatim && open.rowCount !== undefined ? { rowCount: open.rowCount } : {}),
    assertUnchanged: async () => await open?.assertUnchanged?.(),
    async explain(error) {
      await open?.assertUnchanged?.();
      return open?.explain === undefined ? error : await open.explain(error);
    },
  };
}

/** A delivery that tells no column stands for no row of the table that is there. */
async function selectNothing(
  { output }: NamedRequest,
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
  { output }: NamedRequest,
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

/** Rows that all come from one place do so whatever a query makes of them; others know theirs only as they are. */
async function findOrigin(open: OpenSource | undefined, { sql, checks = [] }: NamedRequest): Promise<RowOrigin> {
  if (open?.rows === undefined) return {};
  if (open.place !== undefined) return { file: open.place };
  const isNeeded = sql === undefined && checks.some(({ severity }) => severity === "quarantine");
  const told = isNeeded ? await open.telling?.(fileColumn) : undefined;
  return told === undefined ? {} : { told };
}

function toSelects({ sql, source, output }: NamedRequest): readonly string[] {
  const selects = typeof sql === "string" ? [sql] : (sql ?? []);
  if (selects.length > 0) return selects;
  if (source !== undefined) return ["SELECT * FROM source"];
  throw new MillraceError("VALUE_INVALID", `dataset \`${output.dataset}\` needs \`sql\` or a \`source\``);
}

/** @returns the tables that the selects read, in lower case, as the engine does not tell them apart */
async function assertTables(
  session: EngineSession,
  selects: readonly string[],
  { inputs, source }: { readonly inputs: readonly string[]; readonly source: NamedRequest["source"] },
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
