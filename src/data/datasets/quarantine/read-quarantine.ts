// Looks at quarantines: how many rows wait for a decision, why and for how long, and the rows themselves.
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Engine, type EngineSession, quoteIdentifier } from "../../../compute/engine.ts";
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import type { QuarantineReader, QuarantineSelection, QuarantineSummary } from "../../../core/dataset/quarantine.ts";
import type { DatasetCatalog } from "../dataset-catalog.ts";
import { defineVersion } from "../dataset-relation.ts";
import { reasonsColumn, runColumn, timeColumn } from "./aside-columns.ts";
import { selectionSql, withAsideColumns } from "./choose-rows.ts";
import { findQuarantine } from "./find-quarantine.ts";

export interface QuarantineReaderInput {
  readonly engine: Engine;
  readonly catalog: Pick<DatasetCatalog, "find">;
  /** Where a table may be copied to while it is read. */
  readonly staging: string;
}

/** Reads quarantines as they are now. */
export function createQuarantineReader(input: QuarantineReaderInput): QuarantineReader {
  return {
    summarize: async (dataset, selection = {}) => await reading(input, dataset, selection, summarize),
    read: async (dataset, selection, limit) =>
      await reading(input, dataset, selection, ({ session, rows }) =>
        session.query(
          `SELECT * FROM (${rows}) ORDER BY ${timeColumn} NULLS FIRST, ${runColumn} LIMIT ${Math.max(0, limit)}`,
        ),
      ),
  };
}

interface Reading {
  readonly session: EngineSession;
  readonly dataset: string;
  readonly version: DatasetVersion;
  /** The selected rows as SQL. */
  readonly rows: string;
}

async function reading<T>(
  { engine, catalog, staging }: QuarantineReaderInput,
  dataset: string,
  selection: QuarantineSelection,
  work: (reading: Reading) => Promise<T>,
): Promise<T> {
  const version = await findQuarantine(catalog, dataset);
  const spool = join(staging, `look-${randomUUID()}`);
  await using session = await engine.open();
  try {
    // who looks at rows is told of damage when the dataset is verified
    await defineVersion(session, version.dataset, version, { spool, warn: () => undefined });
    const relation = `SELECT * FROM ${quoteIdentifier(version.dataset)}`;
    const columns = await session.describe(relation);
    const rows = `SELECT ${withAsideColumns(columns)} FROM (${relation}) WHERE ${selectionSql(selection, columns)}`;
    return await work({ session, dataset, version, rows });
  } finally {
    await rm(spool, { recursive: true, force: true });
  }
}

async function summarize({ session, dataset, version, rows }: Reading): Promise<QuarantineSummary> {
  const checks = await session.query(
    `SELECT name, count(*) AS n FROM (SELECT unnest(${reasonsColumn}) AS name FROM (${rows})) GROUP BY name ORDER BY n DESC, name`,
  );
  const found = await session.query(
    `SELECT ${runColumn} AS run, count(*) AS n, epoch_ms(min(${timeColumn})) AS first_at FROM (${rows}) GROUP BY run ORDER BY first_at DESC NULLS LAST`,
  );
  const runs = found.map((row) => ({
    run: toText(row["run"]),
    rows: Number(row["n"]),
    atMs: toNumber(row["first_at"]),
  }));
  const times = runs.flatMap(({ atMs }) => atMs ?? []);
  return {
    dataset,
    version: version.version,
    rows: runs.reduce((sum, run) => sum + run.rows, 0),
    checks: checks.map((row) => ({ name: String(row["name"]), rows: Number(row["n"]) })),
    runs,
    oldestAtMs: times.length === 0 ? null : Math.min(...times),
  };
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function toNumber(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
