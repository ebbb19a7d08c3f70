// Calls `delta_rs.py` and gives its answers; rows of both sides are brought to one plain form for comparison.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Row } from "../../../src/compute/engine.ts";
import { ensurePython } from "../python-environment.ts";

/** A Python with what reads and writes Delta tables. */
export async function ensureDeltaPython(): Promise<string> {
  return await ensurePython(["deltalake==1.6.6", "pyarrow==26.0.1", "polars==2.1.0"]);
}

export interface DeltaRsTable {
  readonly version: number;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly partitions: readonly string[];
  readonly rows: readonly Row[];
  readonly history: readonly { readonly version: number; readonly operation: string; readonly engine: string }[];
}

export class DeltaRs {
  readonly #python: string;
  readonly #storage: Readonly<Record<string, string>>;

  /** @param storage where its tables are, in the variables that the package reads: `AWS_ENDPOINT_URL` and the like */
  constructor(python: string, storage: Readonly<Record<string, string>> = {}) {
    this.#python = python;
    this.#storage = storage;
  }

  async read(table: string, version?: number): Promise<DeltaRsTable> {
    return (await this.#call("read", table, ...(version === undefined ? [] : [String(version)]))) as DeltaRsTable;
  }

  async filter(table: string, column: string, operator: string, value: unknown): Promise<Row[]> {
    return (await this.#call("filter", table, column, operator, JSON.stringify(value))) as Row[];
  }

  /** Rows that a filter on one of their own values does not find, as `[column, comparison, id]`. */
  async lost(table: string): Promise<unknown[]> {
    return (await this.#call("lost", table)) as unknown[];
  }

  /** Rows as `polars` reads them, which takes partition values from the names of folders. */
  async readByFolderNames(table: string): Promise<Row[]> {
    return (await this.#call("polars", table)) as Row[];
  }

  /** Rows by its query engine, which knows deletion vectors and column mapping. */
  async query(table: string): Promise<Row[]> {
    return (await this.#call("query", table)) as Row[];
  }

  /** The last version that an application has recorded. */
  async transaction(table: string, application: string): Promise<number | null> {
    return (await this.#call("transaction", table, application)) as number | null;
  }

  async write(table: string, scenario: string): Promise<void> {
    await this.#call("write", table, scenario);
  }

  async #call(...args: readonly string[]): Promise<unknown> {
    const script = fileURLToPath(new URL("delta_rs.py", import.meta.url));
    const { stdout } = await promisify(execFile)(this.#python, [script, ...args], {
      env: { ...process.env, ...this.#storage },
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout === "" ? undefined : JSON.parse(stdout);
  }
}

/** Rows with big integers and bytes as JSON can hold them, in an order that both sides share. */
export function toPlainRows(rows: readonly Row[]): unknown[] {
  const plain = rows.map((row) => toPlain(row));
  return plain.toSorted((a, b) => idOf(a) - idOf(b) || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function idOf(row: unknown): number {
  return Number((row as Row)["id"]);
}

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (typeof value === "number" && Number.isNaN(value)) return "NaN";
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toPlain(item)]));
}
