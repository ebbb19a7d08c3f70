// One DuckDB connection as an engine session. An aborted signal interrupts the statement that is running.
import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from "@duckdb/node-api";
import {
  type BoundValue,
  type Column,
  type ColumnChunk,
  type EngineSession,
  type FieldIds,
  quoteIdentifier,
  quoteLiteral,
  type QueryOptions,
  type Row,
  type ScanSource,
  type WriteParquetOptions,
  type WrittenFile,
} from "../engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { suggest } from "../../core/errors/suggest.ts";
import { trimStatement } from "../sql-text.ts";
import type { DuckDbModule } from "./duckdb-module.ts";
import { toBoundValue } from "./duckdb-bound-value.ts";
import { type FailedStatement, isInvalidEngine, toEngineError } from "./duckdb-error.ts";
import { callExpression, type DuckDbFunctions } from "./duckdb-functions.ts";
import { type PartitionSession, writePartitions } from "./duckdb-partitions.ts";
import { createColumnReader, createRowReader, type RowReader } from "./duckdb-row.ts";
import { DuckDbScans } from "./duckdb-scans.ts";
import { parseSelectColumns, parseSelectFunctions, parseSelectTables } from "./duckdb-select.ts";
import { toWrittenFile } from "./duckdb-written-file.ts";

export interface DuckDbSessionOptions {
  readonly duckdb: DuckDbModule;
  readonly functions: DuckDbFunctions;
  /** The instance behind the connection answers nothing any more. */
  readonly onInvalid: () => void;
}

/** Wraps an open connection, which the session owns and closes. */
export function createDuckDbSession(connection: DuckDBConnection, options: DuckDbSessionOptions): EngineSession {
  return new DuckDbSession(connection, options);
}

class DuckDbSession implements EngineSession {
  readonly #connection: DuckDBConnection;
  readonly #duckdb: DuckDbModule;
  readonly #functions: DuckDbFunctions;
  /** Numbers of the functions that this session has defined. */
  readonly #ownFunctions: number[] = [];
  readonly #scans: DuckDbScans;
  readonly #onInvalid: () => void;
  /** In lower case; those that the session defines itself are called by nobody's SQL. */
  #functionNames: ReadonlySet<string> | undefined;
  #boundValues = 0;
  /** The statement of this session that made the instance invalid; all that follow fail because of it. */
  #broken: MillraceError | undefined;

  constructor(connection: DuckDBConnection, { duckdb, functions, onInvalid }: DuckDbSessionOptions) {
    this.#connection = connection;
    this.#duckdb = duckdb;
    this.#functions = functions;
    this.#scans = new DuckDbScans({
      run: (sql) => this.#guard(undefined, { sql }, () => this.#connection.run(sql)),
      read: async (sql) => {
        const [row = {}] = await this.#guard(undefined, { sql }, () => this.#read(sql));
        return String(Object.values(row)[0]);
      },
    });
    this.#onInvalid = onInvalid;
  }

  async execute(sql: string, options: QueryOptions = {}): Promise<void> {
    await this.#guard(options.signal, { sql }, () => this.#connection.run(sql));
  }

  async query(sql: string, options: QueryOptions = {}): Promise<Row[]> {
    return await this.#scans.during(sql, () => this.#guard(options.signal, { sql }, () => this.#read(sql)));
  }

  stream(sql: string, options: QueryOptions = {}): AsyncGenerator<Row[]> {
    return this.#stream(sql, options, createRowReader);
  }

  streamColumns(sql: string, options: QueryOptions = {}): AsyncGenerator<ColumnChunk> {
    return this.#stream(sql, options, createColumnReader);
  }

  async defineView(name: string, sql: string): Promise<void> {
    const head = `CREATE OR REPLACE TEMPORARY VIEW ${quoteIdentifier(name)} AS\n`;
    const statement = head + trimStatement(sql);
    await this.#guard(undefined, { sql: statement, offset: head.length }, () => this.#connection.run(statement));
    this.#scans.noteView(name, sql);
  }

  async defineScan(name: string, source: ScanSource): Promise<void> {
    await this.#scans.define(name, source);
  }

  // A variable and not a parameter of the statement, because only with a variable a plan can be made before the query runs.
  async bind(value: BoundValue): Promise<string> {
    this.#boundValues += 1;
    const name = `bound_value_${this.#boundValues}`;
    const sql = `SET VARIABLE ${name} = $value`;
    const { value: bound, type } = toBoundValue(this.#duckdb, value);
    await this.#guard(undefined, { sql }, () => this.#connection.run(sql, { value: bound }, { value: type }));
    return `getvariable('${name}')`;
  }

  async defineFunction(call: (text: string) => string): Promise<(sql: string) => string> {
    const number = this.#functions.add(this.#connection, call);
    this.#ownFunctions.push(number);
    return (sql) => callExpression(number, sql);
  }

  async materialize(name: string, sql: string, options: QueryOptions = {}): Promise<void> {
    const head = `CREATE OR REPLACE TEMPORARY TABLE ${quoteIdentifier(name)} AS\n`;
    const statement: FailedStatement = { sql: head + trimStatement(sql), offset: head.length };
    await this.#scans.during(sql, () =>
      this.#guard(options.signal, statement, () => this.#connection.run(statement.sql)),
    );
  }

  async describe(sql: string): Promise<Column[]> {
    const head = "DESCRIBE\n";
    const statement = head + trimStatement(sql);
    const rows = await this.#guard(undefined, { sql: statement, offset: head.length }, () => this.#read(statement));
    return rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  }

  async writeParquet(sql: string, options: WriteParquetOptions): Promise<WrittenFile[]> {
    const { partitionBy = [] } = options;
    if (partitionBy.length === 0) return await this.#copy({ before: "", sql, after: "" }, options);
    const session: PartitionSession = {
      execute: (statement, more) => this.execute(statement, more),
      query: (statement, more) => this.query(statement, more),
      materialize: (name, rows, more) => this.materialize(name, rows, more),
      copy: (query, copying) => this.#copy(query, copying),
    };
    return await writePartitions(session, trimStatement(sql), options);
  }

  async parseSelect(sql: string): Promise<string[]> {
    return parseSelectTables(await this.#parse(sql));
  }

  async assertFunctions(sql: string): Promise<void> {
    const called = parseSelectFunctions(await this.#parse(sql));
    if (called.length === 0) return;
    const names = (this.#functionNames ??= await this.#listFunctions());
    const unknown = called.find((name) => !names.has(name));
    if (unknown === undefined) return;
    throw new MillraceError("SQL_INVALID", `there is no function \`${unknown}\`${suggest(unknown, names)}`);
  }

  async #listFunctions(): Promise<ReadonlySet<string>> {
    const known = await this.query("SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions()");
    return new Set(known.map(({ name }) => String(name)));
  }

  async parseColumns(sql: string): Promise<string[]> {
    return parseSelectColumns(await this.#parse(sql));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const number of this.#ownFunctions) this.#functions.remove(number);
    this.#connection.closeSync();
  }

  async *#stream<Part>(
    sql: string,
    options: QueryOptions,
    createReader: (result: DuckDBResult, duckdb: DuckDbModule) => (chunk: DuckDBDataChunk) => Part,
  ): AsyncGenerator<Part> {
    const close = await this.#scans.open(sql);
    try {
      const result = await this.#guard(options.signal, { sql }, () => this.#connection.stream(sql));
      const read = createReader(result, this.#duckdb);
      for (;;) {
        const chunk = await this.#guard(options.signal, { sql }, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield read(chunk);
      }
    } finally {
      await close?.();
    }
  }

  async #copy(query: Parameters<PartitionSession["copy"]>[0], options: WriteParquetOptions): Promise<WrittenFile[]> {
    const head = `COPY (\n${query.before}`;
    const tail = `${query.after}\n) TO ${quoteLiteral(options.path)} (${copyOptions(options)})`;
    const statement = `${head}${trimStatement(query.sql)}${tail}`;
    const failed: FailedStatement = { sql: statement, offset: head.length, target: options.path };
    const rows = await this.#scans.during(query.sql, () =>
      this.#guard(options.signal, failed, () => this.#read(statement)),
    );
    return rows.map(toWrittenFile);
  }

  /** The syntax tree of a statement, as JSON. */
  async #parse(sql: string): Promise<string> {
    const statement = `SELECT json_serialize_sql(${quoteLiteral(sql)}) AS tree`;
    const [row] = await this.#guard(undefined, { sql: statement }, () => this.#read(statement));
    return String(row?.["tree"]);
  }

  async #read(sql: string): Promise<Row[]> {
    const result = await this.#connection.run(sql);
    const readRows: RowReader = createRowReader(result, this.#duckdb);
    const chunks = await result.fetchAllChunks();
    return chunks.flatMap((chunk) => readRows(chunk));
  }

  /** Runs `work`, interrupting it when `signal` aborts; repeated, because an interrupt between two phases is lost. */
  async #guard<T>(signal: AbortSignal | undefined, statement: FailedStatement, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw stopped(signal);
    let repeat: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      this.#connection.interrupt();
      repeat ??= setInterval(() => this.#connection.interrupt(), 20);
    };
    signal?.addEventListener("abort", interrupt, { once: true });
    try {
      return await work();
    } catch (error) {
      throw this.#toError(error, signal, statement);
    } finally {
      signal?.removeEventListener("abort", interrupt);
      clearInterval(repeat);
    }
  }

  #toError(error: unknown, signal: AbortSignal | undefined, statement: FailedStatement): MillraceError {
    const failure = toEngineError(this.#functions.takeThrown(this.#ownFunctions) ?? error, statement);
    if (isInvalidEngine(error)) this.#onInvalid();
    if (failure.code === "ENGINE_FAILED") this.#broken ??= failure;
    if (signal?.aborted === true) return stopped(signal);
    return failure.code === "ENGINE_RESTARTED" ? (this.#broken ?? failure) : failure;
  }
}

function copyOptions({ partitionBy = [], fieldIds }: WriteParquetOptions): string {
  // zstd at its lowest level is as fast as snappy here and 14 % smaller. Each thread holds row groups, in the order of the rows also
  // those that come too early: with a quarter of the rows that the engine takes by default they take a third of the memory, files are
  // as large, and reading them costs a tenth more time of the processor.
  const ids = fieldIds === undefined ? "" : `, FIELD_IDS ${printFieldIds(fieldIds)}`; // every column has one
  const format = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 30720, RETURN_STATS${ids}`;
  if (partitionBy.length === 0) return format;
  // the folders of two values may be one, as those of NULL and of its name in paths, so that files need names of their own
  return `${format}, PARTITION_BY (${partitionBy.map(quoteIdentifier).join(", ")}), FILENAME_PATTERN 'rows_{uuid}'`;
}

/** The ids that are there; the engine takes no empty list of them. */
function printFieldIds(ids: FieldIds, own?: number): string {
  const parts = own === undefined ? [] : [`__duckdb_field_id: ${own}`];
  for (const [name, { id, fields }] of Object.entries(ids)) {
    const inner = fields === undefined ? (id === undefined ? "" : String(id)) : printFieldIds(fields, id);
    if (inner !== "") parts.push(`${quoteIdentifier(name)}: ${inner}`);
  }
  return parts.length === 0 ? "" : `{${parts.join(", ")}}`;
}

function stopped(signal: AbortSignal): MillraceError {
  if (signal.reason instanceof MillraceError) return signal.reason;
  return new MillraceError("RUN_STOPPED", "the query was interrupted", { cause: signal.reason });
}
