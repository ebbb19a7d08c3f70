import { expect, test } from "vitest";
import type { DatasetColumn, DatasetVersion } from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import { listSchemaChanges } from "./schema-changes.ts";

function versionOf(version: number, columns: Readonly<Record<string, string>>): DatasetVersion {
  const schema = Object.entries(columns).map(([name, type]): DatasetColumn => ({ name, type }));
  const about = { dataset: "d", runId: version as RunId, job: "load", locations: [], rowCount: 1, fingerprint: "f" };
  return { ...about, version, schema, createdAtMs: version * 1_000 };
}

test("columns that came, went or have another type are told by version, newest first", () => {
  const versions = [
    versionOf(3, { id: "BIGINT", city: "VARCHAR" }),
    versionOf(2, { id: "BIGINT", name: "VARCHAR" }),
    versionOf(1, { id: "INTEGER", name: "VARCHAR" }),
  ];
  const changes = listSchemaChanges(versions, []);
  expect(
    changes.map(({ version, run_id, kind, column, before, after }) => [version, run_id, kind, column, before, after]),
  ).toEqual([
    [3, "r3", "added", "city", null, "VARCHAR"],
    [3, "r3", "dropped", "name", "VARCHAR", null],
    [2, "r2", "retyped", "id", "INTEGER", "BIGINT"],
  ]);
});

test("what was left out stands among them in its time, without a version", () => {
  const versions = [versionOf(3, { id: "BIGINT" }), versionOf(1, {})];
  const left = { runId: 2 as RunId, job: "load", atMs: 2_000, column: "x", type: "DOUBLE", count: 7 };
  const changes = listSchemaChanges(versions, [left]);
  expect(changes.map(({ kind, column, version, count }) => [kind, column, version, count])).toEqual([
    ["added", "id", 3, null],
    ["discarded", "x", null, 7],
  ]);
});
