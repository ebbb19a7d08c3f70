// Finds which features of writers a table uses, whatever its protocol allows: each asks something of a writer only once the
// metadata of the table says so.
import { allFields, parseDeltaSchema } from "../schema/delta-schema.ts";
import type { Metadata } from "./delta-actions.ts";

/** Names of the features that a writer has to keep up in every commit. */
export function findActiveFeatures({ configuration, schemaString }: Metadata): ReadonlySet<string> {
  const settings = configuration ?? {};
  const active = new Set<string>();
  if (Object.keys(settings).some((key) => key.startsWith("delta.constraints."))) active.add("checkConstraints");
  for (const [key, feature] of switches) if (settings[key]?.toLowerCase() === "true") active.add(feature);
  for (const { metadata } of allFields(parseDeltaSchema(schemaString))) {
    for (const [key, feature] of marks) if (metadata?.[key] !== undefined) active.add(feature);
  }
  return active;
}

/** Settings that switch a feature on. */
const switches: ReadonlyMap<string, string> = new Map([
  ["delta.enableChangeDataFeed", "changeDataFeed"],
  ["delta.enableIcebergCompatV1", "icebergCompatV1"],
  ["delta.enableIcebergCompatV2", "icebergCompatV2"],
]);

/** Metadata of columns that use a feature. */
const marks: ReadonlyMap<string, string> = new Map([
  ["delta.generationExpression", "generatedColumns"],
  ["delta.identity.start", "identityColumns"],
  ["delta.invariants", "invariants"],
  ["CURRENT_DEFAULT", "allowColumnDefaults"],
]);
