// When the files of a table alone say what its rows are, and when they do not.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildDeltaTable, column, mapped } from "../../../../tests/support/data/delta-builder.ts";
import { inlineVector } from "../../../../tests/support/data/deletion-vectors.ts";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import type { StoredFiles } from "../../../compute/cluster.ts";
import { findStoredFiles, openDeltaSnapshot } from "../delta-table.ts";

const places = lendPlaces();
const folder = useTemporaryFolder("stored-files");
const session = useEngineSession();

function newTable(): string {
  return join(folder(), randomUUID());
}

async function find(path: string): Promise<StoredFiles | undefined> {
  const { version } = await openDeltaSnapshot(path, { session: session() });
  return await findStoredFiles(path, { session: session(), version });
}

test("a table is its files, with the types that queries see and those that files have", async () => {
  const path = newTable();
  await publish(
    session(),
    path,
    "select 1 as id, timestamp '2026-01-01 00:00:00' as naive, timestamptz '2026-01-01' as instant",
  );
  await publish(session(), path, "select 2 as id");
  const found = await find(path);
  expect(found?.paths).toHaveLength(2);
  expect(found?.paths.every((file) => file.startsWith(`${path}/`))).toBe(true);
  expect(found?.columns).toEqual([
    { name: "id", type: "INTEGER" },
    { name: "naive", type: "TIMESTAMP", isStoredAsInstant: true },
    { name: "instant", type: "TIMESTAMP WITH TIME ZONE" },
  ]);
  expect(found?.partitions).toBeUndefined();
});

test("folders tell the values of partitions, whatever is in them", async () => {
  const path = newTable();
  const rows = "select * from (values (1, 'a b/c=d', 2026), (2, null, 2025), (3, 'ü%20', null)) v(id, kind, year)";
  await publish(session(), path, rows, { partitionBy: ["kind", "year"] });
  const found = await find(path);
  expect(found?.paths).toHaveLength(3);
  expect(found?.partitions).toEqual({ root: path, by: ["kind", "year"] });
});

test("a table in a bucket is the addresses of its files", async () => {
  const path = "connection:lake/orders";
  await publish(session(), path, "select * from (values (1, 'a b'), (2, null)) v(id, kind)", {
    partitionBy: ["kind"],
    staging: folder(),
  });
  const found = await find(path);
  const keys = [...places.lake.objects.keys()].filter((key) => key.endsWith(".parquet"));
  expect(found?.paths.toSorted()).toEqual(keys.map((key) => `s3://lake/${key}`).toSorted());
  expect(found?.partitions).toEqual({ root: "s3://lake/orders", by: ["kind"] });
  expect(places.lake.requests.filter(({ method, key }) => method === "GET" && key.endsWith(".parquet"))).toEqual([]);
});

test("a value that is called as no value is does not tell itself", async () => {
  const path = newTable();
  const rows = "select 1 as id, '__HIVE_DEFAULT_PARTITION__' as kind";
  await publish(session(), path, rows, { partitionBy: ["kind"] });
  expect(await find(path)).toBeUndefined();
});

test("files do not say that rows are deleted, columns renamed, or to which partition they belong", async () => {
  const rows = "select unnest(range(3))::bigint as id";
  const deleted = newTable();
  await buildDeltaTable(session(), deleted, {
    fields: [column("id", "long")],
    features: ["deletionVectors"],
    files: [{ rows, deletionVector: inlineVector([1]) }],
  });
  expect(await find(deleted)).toBeUndefined();
  const renamed = newTable();
  await buildDeltaTable(session(), renamed, {
    fields: [mapped("id", "long", "col-1", 1)],
    features: ["columnMapping"],
    configuration: { "delta.columnMapping.mode": "name" },
    files: [{ rows: 'select 1::bigint as "col-1"' }],
  });
  expect(await find(renamed)).toBeUndefined();
  const apart = newTable();
  await buildDeltaTable(session(), apart, {
    fields: [column("id", "long"), column("kind", "string")],
    partitionColumns: ["kind"],
    files: [{ rows, partitionValues: { kind: "a" } }],
  });
  expect(await find(apart)).toBeUndefined();
});
