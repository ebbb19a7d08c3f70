// A cluster for tests that is DuckDB in this process: it keeps the promises of the port without a JVM, and counts what it is asked for.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster, ClusterQuery, ClusterSession, ClusterWork, StoredFiles } from "../../../src/compute/cluster.ts";
import { type Column, type Engine, type EngineSession, quoteIdentifier } from "../../../src/compute/engine.ts";
import { createLocalFolder } from "../../../src/compute/spark/cluster/local-folder.ts";
import { ResultFolder } from "../../../src/compute/spark/cluster/result-folder.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { fileList } from "../../../src/data/files/file-list.ts";

export interface CountingCluster extends Cluster {
  /** Queries that were computed, without those whose rows were there. */
  readonly computed: string[];
  /** Folders of runs that have rows or copies. */
  folders(): Promise<readonly string[]>;
}

/** @param isDefault whether portable SQL is for it */
export function createDuckDbCluster(engine: Engine, folder: string, isDefault = true): CountingCluster {
  const computed: string[] = [];
  return {
    name: "Spark",
    isDefault,
    computed,
    folders: async () => await readdir(folder).catch(() => []),
    async open(work) {
      const results = new ResultFolder(createLocalFolder(folder), work.name);
      await results.open(Date.now());
      return new DuckDbClusterSession(await engine.open(), { results, work, computed });
    },
  };
}

interface Parts {
  readonly results: ResultFolder;
  readonly work: ClusterWork;
  readonly computed: string[];
}

class DuckDbClusterSession implements ClusterSession {
  readonly #session: EngineSession;
  readonly #parts: Parts;
  readonly #tables = new Set<string>();

  constructor(session: EngineSession, parts: Parts) {
    this.#session = session;
    this.#parts = parts;
  }

  readonly where = "a Spark that is none";

  reads(): boolean {
    return true;
  }

  async putInput(name: string, write: (path: string) => Promise<void>): Promise<string> {
    return await this.#parts.results.putInput(name, write);
  }

  async defineTable(name: string, { paths, columns, partitions }: StoredFiles): Promise<void> {
    this.#tables.add(name);
    const list = columns.map(
      ({ name: column, type }) => `CAST(${quoteIdentifier(column)} AS ${type}) AS ${quoteIdentifier(column)}`,
    );
    if (paths.length === 0) {
      const nothing = columns.map(({ name: column }) => `NULL AS ${quoteIdentifier(column)}`);
      return await this.#session.defineView(
        name,
        `SELECT ${list.join(", ")} FROM (SELECT ${nothing.join(", ")}) WHERE false`,
      );
    }
    const options = `union_by_name = true, hive_partitioning = ${partitions !== undefined}, hive_types_autocast = false`;
    const missing = columns.map(({ name: column, type }) => `CAST(NULL AS ${type}) AS ${quoteIdentifier(column)}`);
    const all = `SELECT ${missing.join(", ")} WHERE false UNION ALL BY NAME SELECT * FROM read_parquet(${fileList(paths)}, ${options})`;
    await this.#session.defineView(name, `SELECT ${list.join(", ")} FROM (${all})`);
  }

  async describe(sql: string): Promise<readonly Column[]> {
    return await this.#session.describe(sql);
  }

  async compute({ sql, identity, prepare, onSent }: ClusterQuery): Promise<readonly string[]> {
    const { results, work, computed } = this.#parts;
    const sending = await results.find(identity);
    await onSent(sending.operationId);
    const known = await results.list(sending);
    if (known !== undefined) return known;
    await prepare();
    await this.#assertKnown(sql);
    await results.note(sending, "sent");
    await mkdir(sending.folder, { recursive: true });
    try {
      await this.#session.writeParquet(sql, { path: join(sending.folder, "part-0.parquet"), signal: work.signal });
    } catch (error) {
      await results.note(sending, "over");
      await rm(sending.folder, { recursive: true });
      throw error;
    }
    await writeFile(join(sending.folder, "_SUCCESS"), "");
    computed.push(sql);
    return (await results.list(sending)) ?? [];
  }

  async #assertKnown(sql: string): Promise<void> {
    for (const table of await this.#session.parseSelect(sql)) {
      if (!this.#tables.has(table)) throw new MillraceError("DATASET_UNKNOWN", `unknown table \`${table}\``);
    }
  }

  async removeRows(): Promise<void> {
    await this.#parts.results.remove();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}
