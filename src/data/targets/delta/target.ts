// Publishes to a Delta Lake table: one commit, put only if nobody was first.
import { untyped } from "../../../compute/engine-type.ts";
import type { Column, EngineSession } from "../../../compute/engine.ts";
import type { DatasetVersion } from "../../../core/dataset/dataset.ts";
import {
  commitDelta,
  type DeltaSnapshot,
  emptyDeltaRelation,
  findDeltaSnapshot,
  hasRunCommit,
  deltaRelation,
  planDeltaStaging,
} from "../../delta/delta-table.ts";
import { readCommitInfo } from "../../delta/log/delta-log.ts";
import { findLastChange } from "../../delta/log/delta-maintenance.ts";
import { heldAs, heldAsIs, type HeldColumn } from "../../schema-contract.ts";
import type { Target, TargetInput, TargetResult } from "../../target.ts";
import { announceCommit } from "./announce-commit.ts";
import { registerTable } from "./catalog-table.ts";
import { layOutFiles } from "./filing.ts";
import { listDeltaLimits } from "./limits.ts";

/** A table that is to be published to; it may not exist yet. */
export interface DeltaPlace {
  /** Absolute, or recorded for one behind a connection. */
  readonly path: string;
  readonly partitionBy: readonly string[];
  /** Its name in the catalog of the project. */
  readonly table?: string | undefined;
}

export function createDeltaTarget(place: DeltaPlace): Target {
  const { path, partitionBy } = place;
  const find = (session: EngineSession): Promise<DeltaSnapshot | undefined> => findDeltaSnapshot(path, { session });
  return {
    format: "delta",
    path,
    filing: {
      partitionBy,
      layOut: async (session, columns, contract) =>
        layOutFiles(columns, contract === "replace" ? undefined : await find(session), partitionBy),
    },
    async currentColumns(session) {
      const current = await find(session);
      return current === undefined ? undefined : await session.describe(emptyDeltaRelation(current));
    },
    hold: (columns) => columns.map(hold),
    limits: (columns) => listDeltaLimits(columns, partitionBy),
    async isCurrent(session, version) {
      const known = knownVersion(path, version);
      const current = known === undefined ? undefined : await find(session);
      if (known === undefined || current === undefined || current.version < known) return false;
      const isSame =
        current.version === known || ((await findLastChange(path, current.version))?.version ?? Infinity) <= known;
      if (!isSame) return false;
      // a version may stand for a table that others have changed since, which then has another last commit
      const { millrace } = (await readCommitInfo(path, known)) ?? {};
      return millrace === undefined || millrace.fingerprint === version.fingerprint;
    },
    async hasPublished(session, { runKey }) {
      const current = await find(session);
      return current !== undefined && hasRunCommit(current, runKey);
    },
    async snapshot(session, spool) {
      const current = await find(session);
      if (current === undefined) return undefined;
      const { version } = current;
      return {
        version,
        sql: await deltaRelation(session, current, spool),
        hasPublished: (runKey) => hasRunCommit(current, runKey),
      };
    },
    publish: (input) => publish(place, input),
  };
}

/** A column without a value keeps waiting for its type. */
function hold(column: Column): HeldColumn {
  const [staged] = planDeltaStaging([column]).schema;
  if (staged === undefined || column.type === untyped) return heldAsIs(column);
  return heldAs(column, staged.logicalType ?? staged.type);
}

async function publish({ path, partitionBy, table }: DeltaPlace, input: TargetInput): Promise<TargetResult> {
  const { session, mode, key, covered, history, staged, writer, published, signal } = input;
  const known = published === undefined ? undefined : knownVersion(path, published);
  const result = await commitDelta({
    tablePath: path,
    mode,
    staged: staged.files,
    schema: staged.storedColumns,
    partitionBy,
    key,
    ...(covered === undefined ? {} : { covered }),
    ...(history === undefined ? {} : { history }),
    schemaContract: input.contract,
    ...(input.basedOn === undefined ? {} : { basedOn: input.basedOn }),
    ...(known === undefined ? {} : { knownVersion: known }),
    writer: { runId: writer.runKey, job: writer.job, dataset: writer.dataset, fingerprint: writer.fingerprint },
    session,
    stagingDir: input.stagingFolder,
    ...announceCommit(path, input),
    signal,
  });
  await input.failpoint("delta:committed");
  if (table !== undefined) await registerTable(table, path, input.session);
  const { version, committed, committedBefore, rowCount, checkpointError, warnings } = result;
  return {
    location: { format: "delta", path, version, ...(table === undefined ? {} : { catalogTable: table }) },
    changed: committed || committedBefore === true,
    rowCount,
    warnings: [
      ...warnings,
      ...(checkpointError === undefined ? [] : [`checkpoint of \`${path}\`: ${checkpointError.message}`]),
    ],
  };
}

/** The version of the table at `path` that a version of the dataset stands for. */
function knownVersion(path: string, { locations }: DatasetVersion): number | undefined {
  return locations.find((known) => known.format === "delta" && known.path === path)?.version;
}
