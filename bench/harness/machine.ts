// The machine and the versions that a result belongs to.
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { version as duckdbVersion } from "@duckdb/node-api";
import { repositoryRoot } from "./bench-folder.ts";

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly duckdb: string;
  readonly sqlite: string;
  /** Short hash of the commit; with `+` when source files differ from it. */
  readonly commit: string;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    duckdb: duckdbVersion(),
    sqlite: sqliteVersion(),
    commit: git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "src", "examples") === "" ? "" : "+"),
  };
}

function sqliteVersion(): string {
  using database = new DatabaseSync(":memory:");
  return String(database.prepare("select sqlite_version() as version").get()?.["version"]);
}

function git(...args: string[]): string {
  return spawnSync("git", args, { cwd: repositoryRoot, encoding: "utf8" }).stdout.trim();
}
