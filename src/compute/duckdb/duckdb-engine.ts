// The DuckDB engine: one in-memory instance, opened at the first session, that downloads nothing. One that declared itself invalid
// is left to the sessions that have it; the next session opens another.
// Every session has its own connection, so that views and interrupts of one do not reach another.
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { DuckDBInstance } from "@duckdb/node-api";
import type { Engine, EngineSession } from "../engine.ts";
import { isInvalidEngine, toEngineError } from "./duckdb-error.ts";
import { DuckDbFunctions } from "./duckdb-functions.ts";
import { type DuckDbModule, loadDuckDb } from "./duckdb-module.ts";
import { createDuckDbSession } from "./duckdb-session.ts";

export interface DuckDbEngineOptions {
  /** As DuckDB writes it, e.g. `"4GB"`; default: 80 % of the machine's memory. Queries past it spill to `tempDirectory`. */
  readonly memoryLimit?: string;
  /** Default: the number of cores. */
  readonly threads?: number;
  /** Where queries spill; made when first needed. Default: a folder of this process in the system's temporary folder. */
  readonly tempDirectory?: string;
}

/** Makes an engine; nothing is loaded or opened before the first `open()`. Dispose it to free its memory and threads. */
export function createDuckDbEngine(options: DuckDbEngineOptions = {}, load: LoadDuckDb = loadDuckDb): Engine {
  let started: Promise<Started> | undefined;
  return {
    name: "duckdb",
    async open(): Promise<EngineSession> {
      const starting = (started ??= start(options, load));
      const forget = (): void => {
        if (started === starting) started = undefined;
      };
      const { duckdb, instance, functions } = await starting.catch((error: unknown) => {
        forget(); // the next session may have better luck
        throw error;
      });
      try {
        const connection = await instance.connect();
        await connection.run(sessionSettings);
        return createDuckDbSession(connection, { duckdb, functions, onInvalid: forget });
      } catch (error) {
        // It may have become invalid in this very moment, by another session.
        if (isInvalidEngine(error)) forget();
        throw toEngineError(error);
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      const stopping = started;
      started = undefined;
      (await stopping)?.instance.closeSync();
    },
  };
}

/**
 * Ranges are joined by sorting, however few rows are expected: files that are read by field ids, as those of Delta tables are, are taken to
 * have none, and nested loops over all pairs of them take minutes where sorting takes a second
 * (`findings/duckdb-schema-map-hides-row-counts.sh`).
 */
const sessionSettings = `SET TimeZone = 'UTC'; SET errors_as_json = true;
  SET nested_loop_join_threshold = 0; SET merge_join_threshold = 0`;

interface Started {
  readonly duckdb: DuckDbModule;
  readonly instance: DuckDBInstance;
  readonly functions: DuckDbFunctions;
}

/** How the module is found; tests give one that fails as they need it. */
type LoadDuckDb = typeof loadDuckDb;

async function start(options: DuckDbEngineOptions, load: LoadDuckDb): Promise<Started> {
  const duckdb = await load();
  try {
    const instance = await duckdb.DuckDBInstance.create(":memory:", {
      threads: String(options.threads ?? availableParallelism()),
      temp_directory: options.tempDirectory ?? join(tmpdir(), `millrace-duckdb-${process.pid}`),
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
    });
    return { duckdb, instance, functions: new DuckDbFunctions(duckdb) };
  } catch (error) {
    throw toEngineError(error);
  }
}
