// The DuckDB package, loaded on demand so that commands which run no SQL start fast.
import type * as duckdb from "@duckdb/node-api";
import { MillraceError } from "../../core/errors/errors.ts";

export type DuckDbModule = typeof duckdb;

/** Loads the package. @throws MillraceError `DEPENDENCY_MISSING` when it, or its binary for this platform, is not installed */
export async function loadDuckDb(): Promise<DuckDbModule> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new MillraceError("DEPENDENCY_MISSING", "the package `@duckdb/node-api` could not be loaded", {
      cause,
      hint: "install it again with `npm install @duckdb/node-api`; it has binaries for Linux, macOS and Windows",
    });
  }
}
