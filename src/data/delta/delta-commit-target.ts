// The table as a commit will leave it: its schema by the contract, its partitions as they are, and what other writers demand.
import type { WrittenFile } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import { type DeltaCommitInput, stagedFiles } from "./delta-commit-input.ts";
import { assertWritable } from "./delta-protocol.ts";
import type { DeltaSnapshot } from "./delta-replay.ts";
import { applySchemaContract, assertDistinctNames, findField } from "./delta-schema-contract.ts";
import { type DeltaField, type DeltaStruct, toDeltaSchema } from "./delta-schema.ts";

export interface CommitTarget {
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
  /** Whether the log must say that the schema is new. */
  readonly changed: boolean;
}

/** @throws MillraceError `SCHEMA_MISMATCH`, `DELTA_UNSUPPORTED`, `TARGET_UNSUPPORTED` for a table that only grows */
export function planTarget(input: DeltaCommitInput, snapshot: DeltaSnapshot | undefined): CommitTarget {
  assertDistinctNames(input.schema);
  for (const name of input.partitionBy) assertPartitionable(input, name);
  if (snapshot === undefined) {
    return { schema: toDeltaSchema(input.schema), partitionBy: input.partitionBy, changed: true };
  }
  assertWritable(snapshot.tablePath, snapshot.protocol, snapshot.metadata);
  if (input.mode !== "append" && snapshot.metadata.configuration?.["delta.appendOnly"] === "true") {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `\`${snapshot.tablePath}\` is append-only, got mode: \`${input.mode}\``,
    );
  }
  assertSamePartitions(input.partitionBy, snapshot.metadata.partitionColumns);
  const schema = applySchemaContract(snapshot.schema, input.schema, input.schemaContract);
  assertNoNulls(input, snapshot.schema);
  return { schema, partitionBy: snapshot.metadata.partitionColumns, changed: schema !== snapshot.schema };
}

function assertPartitionable(input: DeltaCommitInput, name: string): void {
  const field = findField(toDeltaSchema(input.schema), name);
  if (field === undefined) {
    throw new MillraceError("SCHEMA_MISMATCH", `the rows have no column to partition by, got: \`${name}\``);
  }
  if (typeof field.type !== "string" || field.type === "binary") {
    throw new MillraceError(
      "SCHEMA_MISMATCH",
      `a table cannot be partitioned by nested or binary values, got: \`${name}\``,
    );
  }
}

function assertSamePartitions(wanted: readonly string[], have: readonly string[]): void {
  const same = wanted.length === have.length && wanted.every((name, index) => name === have[index]);
  if (same) return;
  const [before, after] = [have, wanted].map((names) => (names.length === 0 ? "nothing" : names.join(", ")));
  throw new MillraceError("SCHEMA_MISMATCH", `the table is partitioned by \`${before}\`, got: \`${after}\``, {
    hint: "the partition columns of a Delta table cannot change; write to a new table",
  });
}

/** Columns that another writer made required must have a value in every row. */
function assertNoNulls(input: DeltaCommitInput, schema: DeltaStruct): void {
  const required = schema.fields.filter((field) => !field.nullable);
  for (const field of required) {
    if (!stagedFiles(input).every((file) => hasNoNull(file, field))) {
      throw new MillraceError("SCHEMA_MISMATCH", `the table allows no null in this column, got: \`${field.name}\``);
    }
  }
}

function hasNoNull(file: WrittenFile, field: DeltaField): boolean {
  if (field.name in file.partition) return file.partition[field.name] !== null;
  const statistics = file.statistics[field.name];
  return statistics !== undefined && (statistics.nullCount ?? 0) === 0;
}
