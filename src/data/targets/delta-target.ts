// Publishes to a Delta Lake table: one commit, put only if nobody was first.
import type { DatasetOutput, DatasetVersion } from "../../core/dataset.ts";
import {
  commitDelta,
  emptyDeltaRelation,
  type DeltaSnapshot,
  findDeltaSnapshot,
  planDeltaStaging,
} from "../delta/delta-table.ts";
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
      return current === undefined ? undefined : await session.describe(emptyDeltaRelation(current));
    },
    hold: (columns) =>
      planDeltaStaging(columns).schema.map(({ name, type, logicalType }, index) => {
        const held = logicalType ?? type;
        const column = quoteIdentifier(columns[index]?.name ?? name);
        const same = columns[index]?.type === held;
        return { name, type: held, expression: same ? column : `CAST(${column} AS ${held})` };
      }),
    async isCurrent(session, version) {
      const known = knownVersion(path, version);
      return known !== undefined && (await snapshot(session))?.version === known;
    },
    publish: (input) => publish(path, partitionBy, input),
  };
}

async function publish(path: string, partitionBy: readonly string[], input: TargetInput): Promise<TargetResult> {
  const { session, mode, key, staged, writer, published, signal } = input;
  const known = published === undefined ? undefined : knownVersion(path, published);
  const result = await commitDelta({
    tablePath: path,
    mode,
    staged: staged.files,
    schema: staged.storedColumns,
    partitionBy,
    ...(mode === "merge" ? { key } : {}),
    schemaContract: input.contract,
    ...(known === undefined ? {} : { knownVersion: known }),
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
  const { version, committed, rowCount, checkpointError, warnings } = result;
  return {
    location: { format: "delta", path, version },
    changed: committed,
    rowCount,
    warnings: [
      ...warnings,
      ...(checkpointError === undefined ? [] : [`checkpoint of \`${path}\`: ${checkpointError.message}`]),
    ],
  };
}

/** The version of the table at `path` that a version of the dataset stands for. */
function knownVersion(path: string, { locations }: DatasetVersion): number | undefined {
  const location = locations.find((known) => known.format === "delta" && known.path === path);
  return location?.format === "delta" ? location.version : undefined;
}
