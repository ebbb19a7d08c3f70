// Checks whether Millrace can read and write a Delta table. Every feature that it does not know, and each that it knows but cannot
// keep up, is refused by name before anything is read or staged.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#table-features
import { MillraceError } from "../../../core/errors/errors.ts";
import type { TableMode } from "../../modes/row-rule.ts";
import type { Metadata, Protocol } from "./delta-actions.ts";
import { findActiveFeatures } from "./delta-active-features.ts";

/** The protocol of tables that Millrace creates. */
export const ownProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** @throws MillraceError `DELTA_UNSUPPORTED` naming the features that a reader would need */
export function assertReadable(tablePath: string, protocol: Protocol, metadata: Metadata): void {
  const features = (protocol.readerFeatures ?? []).filter((feature) => !readableFeatures.has(feature));
  if (protocol.minReaderVersion > 3) features.push(`reader version ${protocol.minReaderVersion}`);
  if (features.length > 0) throw unsupported(tablePath, "read", features);
  if (metadata.format.provider !== "parquet")
    throw unsupported(tablePath, "read", [`${metadata.format.provider} files`]);
}

/**
 * @param mode a table that keeps its changes takes those that readers can tell from whole files: rows that come, and all rows that go
 * @throws MillraceError `DELTA_UNSUPPORTED` naming what a writer would have to keep up; includes `assertReadable`
 */
export function assertWritable(tablePath: string, protocol: Protocol, metadata: Metadata, mode: TableMode): void {
  assertReadable(tablePath, protocol, metadata);
  const active = new Set(findActiveFeatures(metadata));
  if (wholeFileModes.has(mode)) active.delete("changeDataFeed");
  // a table has a feature with its writer version, too, and most that have it never use it
  const features = (protocol.writerFeatures ?? []).filter(
    (feature) => !writableFeatures.has(feature) && !(idleFeatures.has(feature) && !active.has(feature)),
  );
  const version = protocol.minWriterVersion;
  if (version > 7) features.push(`writer version ${version}`);
  if (version < 7) features.push(...[...active].filter((feature) => !writableFeatures.has(feature)));
  if (metadata.schemaString.includes('"void"')) features.push("columns of the type void");
  if (active.has("invariants") && !features.includes("invariants")) features.push("invariants");
  if (features.length > 0) throw unsupported(tablePath, "write", features);
}

/** Refuses what cannot be done with a table that has these features. @throws MillraceError `DELTA_UNSUPPORTED` naming them */
export function refuseFeatures(tablePath: string, verb: "read" | "write", features: readonly string[]): never {
  throw unsupported(tablePath, verb, features);
}

/** Modes that never write a row again that stays. */
const wholeFileModes: ReadonlySet<TableMode> = new Set(["append", "insert_only", "replace"]);

/** Features of readers that are read, and those that say nothing to a reader. */
const readableFeatures: ReadonlySet<string> = new Set([
  "columnMapping",
  "deletionVectors",
  "timestampNtz",
  "typeWidening",
  "typeWidening-preview",
  "v2Checkpoint",
  "vacuumProtocolCheck",
]);

/** Features that a commit keeps up whatever the table has of them. `appendOnly` is looked at where the mode is known. */
const writableFeatures: ReadonlySet<string> = new Set([
  "appendOnly",
  "columnMapping",
  "deletionVectors",
  "domainMetadata",
  "inCommitTimestamp",
  "timestampNtz",
  "typeWidening",
  "typeWidening-preview",
  "v2Checkpoint",
  "vacuumProtocolCheck",
]);

/** Features that ask nothing of a writer until the metadata of the table says so. */
const idleFeatures: ReadonlySet<string> = new Set([
  "allowColumnDefaults",
  "changeDataFeed",
  "checkConstraints",
  "generatedColumns",
  "icebergCompatV1",
  "icebergCompatV2",
  "identityColumns",
  "invariants",
]);

const remedies: Readonly<Record<string, string>> = {
  allowColumnDefaults: "drop the defaults of the columns, or write with the engine that made the table",
  catalogManaged:
    "its commits are in a catalog; read it through the catalog's engine, or copy it into a table of its own",
  catalogOwned:
    "its commits are in a catalog; read it through the catalog's engine, or copy it into a table of its own",
  "catalogOwned-preview":
    "its commits are in a catalog; read it through the catalog's engine, or copy it into a table of its own",
  changeDataFeed: "set `delta.enableChangeDataFeed` to false, or write with the engine that made the table",
  checkConstraints: "drop the constraints (`ALTER TABLE … DROP CONSTRAINT`) and use checks of the job",
  clustering: "remove the clustering (`ALTER TABLE … CLUSTER BY NONE`) and drop the feature",
  generatedColumns: "compute the column in the query of the job, and write to a table without generated columns",
  icebergCompatV1: "set `delta.enableIcebergCompatV1` to false",
  icebergCompatV2: "set `delta.enableIcebergCompatV2` to false",
  identityColumns: "number the rows in the query of the job, and write to a table without identity columns",
  invariants: "drop the invariants of the columns and use checks of the job",
  rowTracking: "set `delta.enableRowTracking` to false and drop the feature",
  variantType: "store the column as a string of JSON, or as a struct",
};

function unsupported(tablePath: string, verb: "read" | "write", features: readonly string[]): MillraceError {
  const names = features.map((feature) => `\`${feature}\``).join(", ");
  const hint = features.map((feature) => remedies[feature]).find((remedy) => remedy !== undefined);
  return new MillraceError("DELTA_UNSUPPORTED", `cannot ${verb} \`${tablePath}\`: the table needs ${names}`, {
    hint:
      hint ??
      "drop the feature with the engine that made the table (`ALTER TABLE … DROP FEATURE`), or copy the rows into a table without it",
    details: { features },
  });
}
