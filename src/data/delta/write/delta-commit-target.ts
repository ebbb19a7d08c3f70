// The table as a commit will leave it: its schema by the contract, its partitions as they are, and what other writers demand.
import { quoteIdentifier } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { type DeltaCommitInput, stagedRelation } from "./delta-commit-input.ts";
import { findNestedValues } from "../schema/delta-nested-values.ts";
import type { PlacedFile } from "./delta-placement.ts";
import { assertWritable } from "../log/delta-protocol.ts";
import type { DeltaSnapshot } from "../log/action-reconciliation.ts";
import { applySchemaContract, assertDistinctNames, findField } from "../schema/delta-schema-contract.ts";
import { type ColumnMapping, fieldId, identifyColumns, maxColumnIdKey } from "../schema/delta-column-mapping.ts";
import { allFields, type DeltaStruct, toDeltaSchema } from "../schema/delta-schema.ts";

export interface CommitTarget {
  readonly schema: DeltaStruct;
  readonly partitionBy: readonly string[];
  readonly mapping: ColumnMapping;
  /** Whether the log must say that the schema is new. */
  readonly changed: boolean;
  /** Settings that change with it. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** @throws MillraceError `SCHEMA_MISMATCH`, `DELTA_UNSUPPORTED`, `TARGET_UNSUPPORTED` for a table that only grows */
export function planTarget(input: DeltaCommitInput, snapshot: DeltaSnapshot | undefined): CommitTarget {
  assertDistinctNames(input.schema);
  for (const name of input.partitionBy) assertPartitionable(input, name);
  if (snapshot === undefined) {
    return { schema: toDeltaSchema(input.schema), partitionBy: input.partitionBy, mapping: "none", changed: true };
  }
  assertWritable(snapshot.tablePath, snapshot.protocol, snapshot.metadata, input.mode);
  if (input.mode !== "append" && snapshot.metadata.configuration?.["delta.appendOnly"] === "true") {
    throw new MillraceError(
      "TARGET_UNSUPPORTED",
      `\`${snapshot.tablePath}\` is append-only, got mode: \`${input.mode}\``,
    );
  }
  const schema = applySchemaContract(snapshot.schema, input.schema, input.schemaContract);
  if (input.schemaContract === "replace") {
    const { partitionBy } = input;
    const changed = schema !== snapshot.schema || !isSameList(partitionBy, snapshot.metadata.partitionColumns);
    return { partitionBy, changed, ...identify(snapshot, schema) };
  }
  assertSamePartitions(input.partitionBy, snapshot.metadata.partitionColumns);
  const { partitionColumns } = snapshot.metadata;
  return { partitionBy: partitionColumns, changed: schema !== snapshot.schema, ...identify(snapshot, schema) };
}

/** In a table with column mapping a new column gets an id that no other one ever had. */
function identify(
  { mapping, metadata, schema: before }: DeltaSnapshot,
  schema: DeltaStruct,
): Pick<CommitTarget, "schema" | "mapping" | "settings"> {
  if (mapping === "none" || schema === before) return { schema, mapping };
  const given = allFields(before).map((field) => fieldId(field) ?? 0);
  const known = Math.max(0, ...given, Number(metadata.configuration?.[maxColumnIdKey] ?? 0));
  const identified = identifyColumns(schema, known);
  return { mapping, schema: identified.schema, settings: { [maxColumnIdKey]: String(identified.maxColumnId) } };
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
  if (isSameList(wanted, have)) return;
  const [before, after] = [have, wanted].map((names) => (names.length === 0 ? "nothing" : names.join(", ")));
  throw new MillraceError("SCHEMA_MISMATCH", `the table is partitioned by \`${before}\`, got: \`${after}\``, {
    hint: 'the partition columns stay while rows stay; set `schema: "replace"`, or write to a new table',
  });
}

function isSameList(wanted: readonly string[], have: readonly string[]): boolean {
  return wanted.length === have.length && wanted.every((name, index) => name === have[index]);
}

/**
 * What another writer made required must have a value in every row: columns, and what is in structs, lists and maps.
 * A table that got a null there could not be read any more.
 * @throws MillraceError `SCHEMA_MISMATCH` naming the place
 */
export async function assertRequiredValues(
  input: DeltaCommitInput,
  target: CommitTarget,
  placed: readonly PlacedFile[],
): Promise<void> {
  const required = target.schema.fields.flatMap((field) =>
    findNestedValues(field, quoteIdentifier(field.name), field.name, (place, sql) =>
      place.nullable ? undefined : `${sql} IS NULL`,
    ),
  );
  if (required.length === 0) return;
  const counts = required.map(({ condition }, index) => `count(*) FILTER (WHERE ${condition}) AS n${index}`);
  const sql = `SELECT ${counts.join(", ")} FROM (${stagedRelation(input, target, placed)})`;
  const [found = {}] = await input.session.query(sql, input.signal === undefined ? {} : { signal: input.signal });
  for (const [index, { path }] of required.entries()) {
    if (Number(found[`n${index}`]) === 0) continue;
    throw new MillraceError("SCHEMA_MISMATCH", `the table allows no null here, got: \`${path}\``, {
      hint: "give it a value in the query, or leave such rows out",
    });
  }
}
