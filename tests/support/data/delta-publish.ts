// Publishes the rows of a query to a Delta table the way a job does: plan, stage, flush, commit.
import { randomUUID } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EngineSession } from "../../../src/compute/engine.ts";
import {
  commitDelta,
  type DeltaCommitInput,
  type DeltaCommitResult,
  findDeltaSnapshot,
  planDeltaStaging,
} from "../../../src/data/delta/delta-table.ts";

export interface PublishOptions extends Partial<
  Pick<
    DeltaCommitInput,
    "mode" | "partitionBy" | "key" | "covered" | "history" | "schemaContract" | "signal" | "onIntent" | "assertHeld"
  >
> {
  readonly runId?: string;
  readonly fingerprint?: string;
  /** Runs after the rows are staged, before they are committed. */
  readonly beforeCommit?: () => Promise<void>;
  /** Where rows are staged, for a table that is elsewhere. Default: beside the table. */
  readonly staging?: string;
  /** Stages with the types of the query, as a caller who does not know the table. */
  readonly withoutTable?: boolean;
}

export async function publish(
  session: EngineSession,
  tablePath: string,
  sql: string,
  options: PublishOptions = {},
): Promise<DeltaCommitResult> {
  const { partitionBy = [], runId = randomUUID(), fingerprint = randomUUID() } = options;
  const stagingDir = join(options.staging ?? join(dirname(tablePath), ".staging"), randomUUID());
  await mkdir(stagingDir, { recursive: true });
  const before = options.withoutTable ? undefined : await findDeltaSnapshot(tablePath, { session });
  const staging = planDeltaStaging(await session.describe(sql), before?.schema);
  const path = join(stagingDir, partitionBy.length === 0 ? "rows.parquet" : "rows");
  const staged = await session.writeParquet(staging.select(sql), { path, partitionBy });
  await Promise.all(staged.map((file) => flush(file.path)));
  await options.beforeCommit?.();
  const result = await commitDelta({
    tablePath,
    mode: options.mode ?? "append",
    staged,
    schema: staging.schema,
    partitionBy,
    schemaContract: options.schemaContract ?? "evolve",
    writer: { runId, job: "test_job", dataset: "t", fingerprint },
    session,
    stagingDir,
    onIntent: options.onIntent ?? (() => Promise.resolve()),
    assertHeld: options.assertHeld ?? (() => Promise.resolve()),
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.covered === undefined ? {} : { covered: options.covered }),
    ...(options.history === undefined ? {} : { history: options.history }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (result.checkpointError !== undefined) throw result.checkpointError;
  return result;
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
