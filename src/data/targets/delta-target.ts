// Publishes to a Delta Lake table: one commit, put only if nobody was first.
import type { DatasetOutput } from "../../core/dataset.ts";
import {
  commitDelta,
  deltaRelation,
  type DeltaSnapshot,
  findDeltaSnapshot,
  hasRunCommit,
  planDeltaStaging,
} from "../delta/delta-table.ts";
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { listDeltaLimits } from "../delta/delta-limits.ts";
import { readCommitInfo } from "../delta/delta-log.ts";
import type { Target, TargetInput, TargetResult } from "../target.ts";

/** A Delta table at an absolute path. */
export interface DeltaTarget extends Target {
  readonly format: "delta";
  readonly partitionBy: readonly string[];
  /** The table that is there. */
  snapshot(session: EngineSession): Promise<DeltaSnapshot | undefined>;
}

/** The table may not exist yet. */
export function createDeltaTarget(path: string, options: NonNullable<DatasetOutput["delta"]>): DeltaTarget {
  const partitionBy = options.partitionBy ?? [];
  const snapshot = (session: EngineSession): Promise<DeltaSnapshot | undefined> => findDeltaSnapshot(path, { session });
  return {
    format: "delta",
    path,
    partitionBy,
    snapshot,
    async currentColumns(session) {
      const current = await snapshot(session);
      return current === undefined ? undefined : await session.describe(deltaRelation(current));
    },
    hold: (columns) =>
      planDeltaStaging(columns).schema.map(({ name, type, logicalType }, index) => {
        const held = logicalType ?? type;
        const column = quoteIdentifier(columns[index]?.name ?? name);
        const same = columns[index]?.type === held;
        return { name, type: held, expression: same ? column : `CAST(${column} AS ${held})` };
      }),
    limits: (columns) => listDeltaLimits(columns, partitionBy),
    async isCurrent(session, version) {
      const location = version.locations.find((known) => known.format === "delta" && known.path === path);
      if (location?.format !== "delta" || (await snapshot(session))?.version !== location.version) return false;
      // a version may stand for a table that others have changed since, which then has another last commit
      const { millrace } = (await readCommitInfo(path, location.version)) ?? {};
      return millrace === undefined || millrace.fingerprint === version.fingerprint;
    },
    async hasPublished(session, { runKey }) {
      const current = await snapshot(session);
      return current !== undefined && hasRunCommit(current, runKey);
    },
    publish: (input) => publish(path, partitionBy, input),
  };
}

async function publish(path: string, partitionBy: readonly string[], input: TargetInput): Promise<TargetResult> {
  const { session, mode, key, staged, writer, signal } = input;
  const result = await commitDelta({
    tablePath: path,
    mode,
    staged: staged.files,
    schema: staged.storedColumns,
    partitionBy,
    ...(mode === "merge" ? { key } : {}),
    schemaContract: input.contract,
    writer: { runId: writer.runKey, job: writer.job, dataset: writer.dataset, fingerprint: writer.fingerprint },
    session,
    stagingDir: input.stagingFolder,
    async onIntent(names, baseVersion) {
      await input.intend({ format: "delta", path, names, baseVersion });
      await input.failpoint("delta:intended");
    },
    async assertHeld() {
      await input.failpoint("delta:placed");
      await input.assertHeld();
    },
    signal,
  });
  await input.failpoint("delta:committed");
  const { version, committed, committedBefore, rowCount, checkpointError } = result;
  return {
    location: { format: "delta", path, version },
    changed: committed || committedBefore === true,
    rowCount,
    warnings: checkpointError === undefined ? [] : [`checkpoint of \`${path}\`: ${checkpointError.message}`],
  };
}
