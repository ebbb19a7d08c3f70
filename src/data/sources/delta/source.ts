// A Delta Lake table as a source, whoever writes it. One that a job of the project publishes is read as `dataset`.
import { optional } from "../../../core/spec/option-notes.ts";
import { defineSpec } from "../../../core/spec/spec.ts";
import type { SourceKind } from "../../source.ts";
import { type DeltaTableSource, deltaTableSpec } from "./options.ts";
import { openDeltaTable, planDeltaTable } from "./relation.ts";

/** A source that is a Delta Lake table. */
export interface DeltaDeclaration {
  readonly delta: DeltaTableSource;
}

export const delta: SourceKind<DeltaDeclaration> = {
  name: "delta",
  summary: "a Delta Lake table that something else writes",
  detail: deltaTableSpec,
  options: defineSpec<Partial<DeltaDeclaration>>()(() => ({
    delta: optional(deltaTableSpec.schema).describe("rows of a Delta Lake table that something else writes"),
  })),
  connections: ({ delta: { connection } }) => (connection === undefined ? [] : [connection]),
  plan: ({ delta: source }, planning) => planDeltaTable(source, planning),
  open: ({ delta: source }, opening) => openDeltaTable(source, opening),
};
