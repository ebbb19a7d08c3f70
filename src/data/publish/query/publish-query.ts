// The rows that a request asks for, as one query over views of the session. What it may read is what it declares.
import { untyped } from "../../../compute/engine-type.ts";
import { type Column, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import { join } from "node:path";
import { trimStatement } from "../../../compute/sql-text.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { suggest } from "../../../core/errors/suggest.ts";
import { findReadNames } from "./ask-rows.ts";
import { listReferences, nameChecks } from "../../checks/check-definition.ts";
import { assertChecksReadable } from "../../checks/checks.ts";
import type { NamedRequest } from "../named-request.ts";
import { type AsideRows, assertStepsReadable, chain, convertRows } from "../../convert/convert-rows.ts";
import { isOpaque, listSelects, listTexts, setsAside } from "../../convert/convert-options.ts";
import type { Lineage } from "../../convert/lineage.ts";
import { toConvertError } from "../../convert/step-error.ts";
import { unitColumn, UnitValues } from "../../convert/unit-values.ts";
import type { PublishScope } from "../publish-scope.ts";
import { type DatasetLookup, findDataset } from "../../datasets/dataset-catalog.ts";
import { fileColumn } from "../../datasets/quarantine/aside-columns.ts";
import { reservedNames } from "../../dataset-output.ts";
import { defineInputs } from "../../datasets/open-dataset.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { defineRecords } from "../../sources/records/define-records.ts";
import { openSource } from "../../sources/source-registry.ts";
import { defineRows } from "../../table-rows.ts";
import type { RowOrigin } from "../stage-publication.ts";

export interface PublishQuery {
  readonly sql: string;
  readonly columns: readonly Column[];
  /** Whether the rows are those of files as they are, so that reading them again gives the same rows. */
  readonly isVerbatim: boolean;
  /** Where the rows come from. */
  readonly origin: RowOrigin;
  readonly warnings: readonly string[];
  /** See `OpenSource`. */
  readonly staleSinceMs?: number;
  /** Rows that steps have set aside; absent where none can do so. */
  readonly aside?: readonly AsideRows[];
  /** Where the columns come from, as the steps tell it; absent without steps. */
  readonly lineage?: Lineage;
  /** How many rows the query gives, where the files were counted and are read as they are. */
  readonly rowCount?: number;
  /** Rows that were left out, because they had been read before. */
  readonly knownRows: number;
  /** Says more about what reading the rows failed with. @throws MillraceError `SOURCE_UNREADABLE` when files changed meanwhile */
  explain(error: unknown): Promise<unknown>;
  /** See `OpenSource`; absent where nothing but rows is published. */
  readonly deliver?: OpenSource["deliver"];
  /** To be called when the rows are read. @throws MillraceError `SOURCE_UNREADABLE` when files changed meanwhile; another try may succeed */
  assertUnchanged(): Promise<void>;
}

/** What a query needs of the attempt, or of a plan. */
export interface QueryScope extends Pick<
  PublishScope,
  | "inputs"
  | "sampleRows"
  | "tape"
  | "connect"
  | "onSecret"
  | "signal"
  | "log"
  | "now"
  | "operation"
  | "ledger"
  | "redact"
  | "observer"
  | "cipher"
  | "topics"
  | "cluster"
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
  const { source, checks = [], convert = [] } = request;
  const { sampleRows } = scope;
  const selects = toSelects(request);
  const asked = [...selects, ...listSelects(convert)];
  await assertPublished(scope, request.inputs ?? []);
  await assertStepsReadable(session, convert);
  for (const select of selects) await session.assertFunctions(select);
  const values = new UnitValues(listTexts(convert), request.reading ?? {});
  const inputs = request.inputs ?? (await findReadNames(session, asked, scope.inputs));
  const references = listReferences(checks);
  const options = { spool, warn: (message: string) => scope.log.warn(message) };
  const used = await assertTables(session, asked, { inputs: request.inputs ?? scope.inputs, source });
  const read = { spool, signal: scope.signal };
  const datasets = await defineRecords(session, scope.topics, inputs, read);
  await defineInputs(session, scope.catalog, [...datasets, ...references], options);
  await assertChecksReadable(session, nameChecks(checks));
  const judged = checks.flatMap(({ sql }) => sql ?? []);
  await assertTables(session, judged, { inputs: [...inputs, ...references, "rows", "source"], source });
  const isAsItComes = request.sql === undefined && convert.length === 0;
  const table = { columns: tableColumns, isVerbatim: isAsItComes };
  const needs = { session, table, ...(values.needUnits ? { unitColumn } : {}), ...options };
  const opening = toOpening(request, scope, needs);
  const open = source === undefined ? undefined : await openSource(source, opening);
  if (open !== undefined) {
    // steps of code are taken also where no row came, and those before them may have values of units
    const more = values.needUnits && isOpaque(convert) ? [{ name: unitColumn, type: "INTEGER" }] : [];
    await defineRows(session, "source", open.rows ?? { sql: await selectNothing(request, tableColumns, more) });
  }
  const unused = inputs.filter((name) => !used.has(name.toLowerCase()) && !references.includes(name));
  const isVerbatim = open?.isRepeatable === true && isAsItComes && sampleRows === undefined;
  const limited = sampleRows === undefined ? selects : withLimit(selects, sampleRows, source !== undefined);
  const explain = async (error: unknown): Promise<unknown> => {
    await open?.assertUnchanged?.();
    const placed = toConvertError(error);
    return placed !== error || open?.explain === undefined ? placed : await open.explain(error);
  };
  const rows = await queryRows(request, scope, { session, selects: limited, values, open, spool, explain });
  return {
    ...rows,
    isVerbatim,
    origin: await findOrigin(open, request),
    warnings: [...(open?.warnings ?? []), ...unused.map((name) => `input \`${name}\` is not read by the query`)],
    ...(isVerbatim && open.rowCount !== undefined ? { rowCount: open.rowCount } : {}),
    ...(open?.staleSinceMs === undefined ? {} : { staleSinceMs: open.staleSinceMs }),
    knownRows: open?.knownRows ?? 0,
    // a sample changes nothing anywhere
    ...(open?.deliver === undefined || sampleRows !== undefined ? {} : { deliver: open.deliver.bind(open) }),
    assertUnchanged: async () => await open?.assertUnchanged?.(),
    explain,
  };
}

/** A dataset whose name was mistyped is told before what the engine makes of that name in a query. */
export async function assertPublished(
  { catalog, topics }: Pick<QueryScope, "catalog" | "topics">,
  inputs: readonly string[],
): Promise<void> {
  const others = [...reservedNames, ...(topics?.names ?? [])];
  for (const name of inputs) if (!others.includes(name)) await findDataset(catalog, name);
}

function toOpening(
  { output, reading }: NamedRequest,
  scope: QueryScope,
  needs: Pick<SourceOpening, "session" | "table" | "unitColumn" | "spool" | "warn">,
): SourceOpening {
  const { sampleRows } = scope;
  return {
    ...needs,
    root: scope.paths.root,
    catalog: scope.catalog,
    dataset: output.dataset,
    reading: { ...reading, ...(sampleRows === undefined ? {} : { rowsWanted: sampleRows }) },
    signal: scope.signal,
    ...(scope.connect === undefined ? {} : { connect: scope.connect }),
    ...(scope.observer === undefined ? {} : { observer: scope.observer }),
    ...(scope.onSecret === undefined ? {} : { onSecret: scope.onSecret }),
    ...(scope.ledger === undefined ? {} : { ledger: scope.ledger }),
    ...(scope.redact === undefined ? {} : { redact: scope.redact }),
    ...(scope.tape === undefined ? {} : { tape: scope.tape }),
    ...(scope.topics === undefined ? {} : { topics: scope.topics }),
    now: () => scope.now(),
    operation: (text) => scope.operation(text),
  };
}

interface QueryContext {
  readonly session: EngineSession;
  readonly selects: readonly string[];
  readonly values: UnitValues;
  readonly open: OpenSource | undefined;
  readonly spool: string;
  explain(error: unknown): Promise<unknown>;
}

type QueriedRows = Pick<PublishQuery, "sql" | "columns" | "aside" | "lineage">;

/** The rows behind the selects, or behind the steps. */
async function queryRows(request: NamedRequest, scope: QueryScope, context: QueryContext): Promise<QueriedRows> {
  const { session, selects, values, open, spool } = context;
  const { convert: steps = [] } = request;
  const sql = chainAll(selects);
  const isEmpty = open !== undefined && (open.rows === undefined || open.rowCount === 0);
  const found = await naming(request, isEmpty, () => session.describe(sql));
  const isFromSource = open !== undefined && request.sql === undefined;
  const columns = isFromSource ? markUntyped(found, open.untyped ?? []) : found;
  // nothing tells what such rows would be like, and no step but those of code makes rows out of none
  const isNothing = open !== undefined && open.rows === undefined && !isOpaque(steps);
  const aside = setsAside(steps) ? { aside: [] } : {};
  if (steps.length === 0 || isNothing) {
    return { sql, columns, ...aside };
  }
  const own = columns.filter(({ name }) => !values.needUnits || name !== unitColumn);
  const cipher = scope.cipher ?? refuseCipher;
  const input = {
    session,
    sql,
    columns: own,
    steps,
    values,
    cipher,
    spool: join(spool, "convert"),
    signal: scope.signal,
  };
  const converted = await naming(request, isEmpty, () => convertRows(input)).catch(async (error: unknown) => {
    throw await context.explain(error);
  });
  const { sql: behind, columns: made, lineage, aside: rejected } = converted;
  return { sql: behind, columns: made, lineage, ...(setsAside(steps) ? { aside: rejected } : {}) };
}

function refuseCipher(): never {
  throw new MillraceError("CONFIG_INVALID", "there is no key to encrypt with", {
    hint: "give this process MILLRACE_SECRET_KEY or MILLRACE_SECRET_KEY_FILE",
  });
}

/** A delivery that tells no column stands for no row of the table that is there. */
async function selectNothing(
  { output }: NamedRequest,
  tableColumns: () => Promise<readonly Column[] | undefined>,
  more: readonly Column[],
): Promise<string> {
  const columns = await tableColumns();
  if (columns === undefined) {
    throw new MillraceError("SOURCE_EMPTY", `no row came for dataset \`${output.dataset}\`, which has no table yet`, {
      hint: "without a row the columns are unknown; the first delivery that has one makes the table",
    });
  }
  const list = [...columns, ...more].map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${list.join(", ")} WHERE false`;
}

/** What is missing in a delivery of nothing is no mistake of the query. */
async function naming<T>({ output }: NamedRequest, isEmpty: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isMissing = cause instanceof MillraceError && /^(SQL_INVALID|SCHEMA_MISMATCH)$/.test(cause.code);
    if (!isEmpty || !isMissing) throw cause;
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
async function findOrigin(
  open: OpenSource | undefined,
  { sql, checks = [], convert = [] }: NamedRequest,
): Promise<RowOrigin> {
  if (open?.rows === undefined) return {};
  if (open.place !== undefined) return { file: open.place };
  const isNeeded =
    sql === undefined && convert.length === 0 && checks.some(({ severity }) => severity === "quarantine");
  const told = isNeeded ? await open.telling?.(fileColumn) : undefined;
  return told === undefined ? {} : { told };
}

function toSelects({ sql, source, output, convert = [] }: NamedRequest): readonly string[] {
  if (sql !== undefined && convert.length > 0) {
    throw new MillraceError("VALUE_INVALID", `dataset \`${output.dataset}\` takes either \`sql\` or \`convert\``, {
      hint: "put the query into a step `{ sql }` of `convert`",
    });
  }
  const selects = typeof sql === "string" ? [sql] : (sql ?? []);
  if (selects.length > 0) return selects;
  if (source !== undefined) return ["SELECT * FROM source"];
  throw new MillraceError("VALUE_INVALID", `dataset \`${output.dataset}\` needs \`sql\` or a \`source\``);
}

/** @returns the tables that the selects read, in lower case, as the engine does not tell them apart */
export async function assertTables(
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

/** So many rows of the source, or of the whole where there is none. */
function withLimit(selects: readonly string[], rows: number, hasSource: boolean): readonly string[] {
  const limit = `SELECT * FROM source LIMIT ${rows}`;
  return hasSource ? [limit, ...selects] : [...selects, limit];
}

/** Each select reads the one before as `source`. */
function chainAll(selects: readonly string[]): string {
  return selects.map(trimStatement).reduce(chain);
}
