// Publishes to a Delta Lake table: one commit, put only if nobody was first.
import type { DatasetOutput } from "../../core/dataset.ts";
import {
  commitDelta,
  deltaRelation,
  type DeltaSnapshot,
  findDeltaSnapshot,
  planDeltaStaging,
} from "../delta/delta-table.ts";
import { isSameType } from "../../compute/engine-type.ts";
import type { EngineSession } from "../../compute/engine.ts";
import { quoteIdentifier } from "../../compute/engine.ts";
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
        const same = isSameType(columns[index]?.type ?? held, held);
        return { name, type: held, expression: same ? column : `CAST(${column} AS ${held})` };
      }),
    async isCurrent(session, version) {
      const location = version.locations.find((known) => known.format === "delta" && known.path === path);
      return location?.format === "delta" && (await snapshot(session))?.version === location.version;
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
    writer: { runId: writer.runKey, job: writer.job, fingerprint: writer.fingerprint },
    session,
    stagingDir: input.stagingFolder,
    async onIntent(names, baseVersion) {
      await input.intend({ format: "delta", path, names, baseVersion });
      await input.failpoint("delta:intended");
    },
    signal,
  });
  await input.failpoint("delta:committed");
  const { version, committed, rowCount, checkpointError } = result;
  return {
    location: { format: "delta", path, version },
    changed: committed,
    rowCount,
    warnings: checkpointError === undefined ? [] : [`checkpoint of \`${path}\`: ${checkpointError.message}`],
  };
}
