// Checks whether Millrace can read and write a Delta table: reader version 1 and writer version 2. Anything newer is
// refused by name.
// @see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#table-features
import { MillraceError } from "../../../core/errors/errors.ts";
import type { Metadata, Protocol } from "./delta-actions.ts";

/** The protocol of tables that Millrace creates. */
export const ownProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** @throws MillraceError `DELTA_UNSUPPORTED` naming the features that a reader would need */
export function assertReadable(tablePath: string, protocol: Protocol, metadata: Metadata): void {
  const features: string[] = [...(protocol.readerFeatures ?? [])];
  if (protocol.minReaderVersion > 3) features.push(`reader version ${protocol.minReaderVersion}`);
  const mapping = metadata.configuration?.["delta.columnMapping.mode"] ?? "none";
  if (mapping !== "none" && !features.includes("columnMapping")) features.push("columnMapping");
  if (features.length > 0) throw unsupported(tablePath, "read", features);
  if (metadata.format.provider !== "parquet")
    throw unsupported(tablePath, "read", [`${metadata.format.provider} files`]);
}

/** @throws MillraceError `DELTA_UNSUPPORTED` naming what a writer would have to keep up; includes `assertReadable` */
export function assertWritable(tablePath: string, protocol: Protocol, metadata: Metadata): void {
  assertReadable(tablePath, protocol, metadata);
  const features = (protocol.writerFeatures ?? []).filter((feature) => !writableFeatures.has(feature));
  const version = protocol.minWriterVersion;
  if (version > 2 && version !== 7) features.push(`writer version ${version}`);
  if (metadata.schemaString.includes('"delta.invariants"')) features.push("invariants");
  if (features.length > 0) throw unsupported(tablePath, "write", features);
}

/** Refuses what cannot be done with a table that has these features. @throws MillraceError `DELTA_UNSUPPORTED` naming them */
export function refuseFeatures(tablePath: string, verb: "read" | "write", features: readonly string[]): never {
  throw unsupported(tablePath, verb, features);
}

/** Refuses a file whose deleted rows are kept beside it. */
export function assertNoDeletionVector(tablePath: string, deletionVector: unknown): void {
  if (deletionVector !== undefined && deletionVector !== null)
    throw unsupported(tablePath, "read", ["deletionVectors"]);
}

/** Refuses a checkpoint in the v2 layout. */
export function refuseNewCheckpoint(tablePath: string): never {
  throw unsupported(tablePath, "read", ["v2Checkpoint"]);
}

// both are checked where they matter: `delta.appendOnly` at the commit, invariants above
const writableFeatures = new Set(["appendOnly", "invariants"]);

const remedies: Readonly<Record<string, string>> = {
  deletionVectors: "set `delta.enableDeletionVectors` to false, run `REORG TABLE … APPLY (PURGE)` and drop the feature",
  timestampNtz: "store the column as `timestamp`, which is UTC",
  columnMapping: "rewrite the table without column mapping",
  v2Checkpoint: "set `delta.checkpointPolicy` to classic and drop the feature",
};

function unsupported(tablePath: string, verb: "read" | "write", features: readonly string[]): MillraceError {
  const names = features.map((feature) => `\`${feature}\``).join(", ");
  const hint = features.map((feature) => remedies[feature]).find((remedy) => remedy !== undefined);
  return new MillraceError("DELTA_UNSUPPORTED", `cannot ${verb} \`${tablePath}\`: the table needs ${names}`, {
    hint: hint ?? "Millrace supports Delta reader version 1 and writer version 2; rewrite the table with those",
    details: { features },
  });
}
