// The relations of a session whose files are chosen for each query. Between queries each is a stand-in: a view with the
// relation's columns and no file. A query is planned over the stand-ins, the files are chosen by the filters of that plan, and
// then the views stand for these files until the query has ended.
import { randomUUID } from "node:crypto";
import { quoteIdentifier, quoteLiteral, type ScanSource } from "../engine.ts";
import type { ScanExpression } from "../scan-expression.ts";
import { findScanFilters, type ScanFilters } from "./duckdb-scan-plan.ts";
import { parseSelectTables } from "./duckdb-select.ts";

interface Scan {
  readonly name: string;
  /** Tells its stand-in apart in a plan. */
  readonly marker: string;
  readonly source: ScanSource;
}

/** Runs one statement. `read` gives the first column of its first row. */
export interface ScanConnection {
  run(sql: string): Promise<unknown>;
  read(sql: string): Promise<string>;
}

export class DuckDbScans {
  readonly #connection: ScanConnection;
  readonly #scans = new Map<string, Scan>();
  /** Views that may read a scan, in lower case. */
  readonly #readers = new Set<string>();

  constructor(connection: ScanConnection) {
    this.#connection = connection;
  }

  async define(name: string, source: ScanSource): Promise<void> {
    const scan: Scan = { name, marker: randomUUID(), source };
    await this.#stand(scan);
    this.#scans.set(name.toLowerCase(), scan);
  }

  /** Remembers a view; one that takes the name of a scan ends the scan. */
  noteView(name: string, sql: string): void {
    this.#scans.delete(name.toLowerCase());
    if (this.#isMentioned(sql)) this.#readers.add(name.toLowerCase());
  }

  /**
   * Runs `work` while the views stand for the files that `select` needs. Plan and query see one time of day, because both
   * are of one transaction.
   */
  async during<T>(select: string, work: () => Promise<T>): Promise<T> {
    const close = await this.open(select);
    try {
      return await work();
    } finally {
      await close?.();
    }
  }

  /** As `during`, for work that lasts; the caller calls what is returned when it has ended, well or not. */
  async open(select: string): Promise<(() => Promise<void>) | undefined> {
    const scans = await this.#scansOf(select);
    if (scans.length === 0) return undefined;
    await this.#connection.run("BEGIN TRANSACTION");
    try {
      const filters = await this.#plan(select);
      for (const scan of scans) await this.#choose(scan, filters);
    } catch (error) {
      await this.#connection.run("ROLLBACK");
      throw error;
    }
    return () => this.#close(scans);
  }

  async #close(scans: readonly Scan[]): Promise<void> {
    try {
      for (const scan of scans) await this.#stand(scan);
      await this.#connection.run("COMMIT");
    } catch {
      // the query has failed and its transaction with it; what it replaced comes back
      await this.#connection.run("ROLLBACK");
    }
  }

  async #stand({ name, marker, source }: Scan): Promise<void> {
    const list = source.columns.map((column, index) => `column${index + 1} AS ${quoteIdentifier(column.name)}`);
    const values = source.columns.map((column) => `CAST(NULL AS ${column.type})`);
    // a function of which the optimizer knows nothing but its columns, so that no filter is decided before the files are
    const rows = `repeat_row(${[quoteLiteral(marker), ...values].join(", ")}, num_rows = 2)`;
    // a statement that got past the choice of files must fail and not find nothing
    const guard = `CASE WHEN column0 IS NULL THEN true ELSE error(${quoteLiteral(`\`${name}\` was read before its files were chosen`)}) END`;
    await this.#define(name, `SELECT ${list.join(", ")} FROM ${rows} WHERE ${guard}`);
  }

  async #choose({ name, marker, source }: Scan, filters: ScanFilters | undefined): Promise<void> {
    await this.#define(name, await source.select(filters && either(filters.get(marker) ?? [])));
  }

  async #define(name: string, sql: string): Promise<void> {
    await this.#connection.run(`CREATE OR REPLACE TEMPORARY VIEW ${quoteIdentifier(name)} AS\n${sql}`);
  }

  /** `undefined` for a query that cannot be planned by itself, for which every file may be needed. */
  async #plan(select: string): Promise<ScanFilters | undefined> {
    const call = `json_serialize_plan(${quoteLiteral(select)}, optimize := true, skip_null := true)`;
    try {
      return findScanFilters(await this.#connection.read(`SELECT ${call}`));
    } catch {
      // running the query will say what is wrong with it, in its own words
      await this.#connection.run("ROLLBACK");
      await this.#connection.run("BEGIN TRANSACTION");
      return undefined;
    }
  }

  /** The scans that the select reads, by itself or through a view. */
  async #scansOf(select: string): Promise<readonly Scan[]> {
    if (!this.#isMentioned(select)) return [];
    const tree = await this.#connection.read(`SELECT json_serialize_sql(${quoteLiteral(select)})`);
    const tables = listTables(tree).map((table) => table.toLowerCase().replace(/^(?:temp\.)?(?:main\.)?/, ""));
    if (tables.some((table) => this.#readers.has(table)) || namesTables.test(tree)) return [...this.#scans.values()];
    return tables.flatMap((table) => this.#scans.get(table) ?? []);
  }

  #isMentioned(sql: string): boolean {
    if (this.#scans.size === 0) return false;
    const text = sql.toLowerCase();
    return [...this.#scans.keys(), ...this.#readers].some((name) => text.includes(name.replaceAll('"', '""')));
  }
}

/** `summarize` and functions that take the name of a table say it elsewhere in the tree. */
const namesTables = /"type":"SHOW_REF"|"function_name":"query(?:_table)?"/;

/** Nothing for what is no select; running it says what is wrong. */
function listTables(tree: string): readonly string[] {
  try {
    return parseSelectTables(tree);
  } catch {
    return [];
  }
}

/** What a row must pass that any of several scans reads; a relation that no scan is left of is not read at all. */
function either(filters: readonly ScanExpression[]): ScanExpression {
  const [only, ...more] = filters;
  return only !== undefined && more.length === 0 ? only : { kind: "or", inputs: filters };
}
