import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  buildDeltaTable,
  type BuiltTable,
  column,
  mapped,
  writeCommit,
} from "../../../../tests/support/data/delta-builder.ts";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { inlineVector, storedVectors } from "../../../../tests/support/data/deletion-vectors.ts";
import { useEngineSession } from "../../../../tests/support/data/engine-session.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { quoteLiteral, type Row } from "../../../compute/engine.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";
import type { Action } from "../log/delta-actions.ts";
import { readCommit } from "../log/delta-log.ts";
import { toFilePath } from "../log/delta-path.ts";
import { deleteDeltaTable } from "./delta-deletion.ts";

const folder = useTemporaryFolder("delta-features-write");
const session = useEngineSession();

async function build(table: BuiltTable): Promise<string> {
  const path = join(folder(), randomUUID());
  await buildDeltaTable(session(), path, table);
  return path;
}

async function rowsOf(path: string, order = "id"): Promise<Row[]> {
  const relation = await deltaRelation(session(), await openDeltaSnapshot(path, { session: session() }));
  return await session().query(`SELECT * FROM (${relation}) ORDER BY ${order}`);
}

async function actionsOf(path: string, version: number): Promise<Action[]> {
  return (await readCommit(path, version)) ?? [];
}

const mappedTable: BuiltTable = {
  fields: [
    mapped("id", "long", "col-a", 1),
    mapped("place", { type: "struct", fields: [mapped("city", "string", "col-c", 3)] }, "col-b", 2),
    mapped("country", "string", "col-d", 4),
  ],
  partitionColumns: ["country"],
  features: ["columnMapping"],
  files: [
    {
      rows: `select 1::bigint as "col-a", {'col-c': 'Bern'} as "col-b"`,
      fieldIds: { "col-a": { id: 1 }, "col-b": { id: 2, fields: { "col-c": { id: 3 } } } },
      partitionValues: { "col-d": "ch" },
    },
  ],
};

test.each(["name", "id"])(
  "a table with the mapping %s takes rows and new columns under names and ids of its own",
  async (mode) => {
    const configuration = { "delta.columnMapping.mode": mode, "delta.columnMapping.maxColumnId": "9" };
    const path = await build({ ...mappedTable, configuration });
    const partitionBy = ["country"];
    const added = `select 2::bigint as id, {'city': 'Wien'} as place, 'at' as country, [{'k': 1.5::double}] as more`;
    await publish(session(), path, added, { partitionBy });
    const moved = `select 1::bigint as id, {'city': 'Thun'} as place, 'ch' as country`;
    await publish(session(), path, moved, { partitionBy, mode: "merge", key: ["id"] });
    expect(await rowsOf(path)).toEqual([
      { id: 1n, place: { city: "Thun" }, country: "ch", more: null },
      { id: 2n, place: { city: "Wien" }, country: "at", more: [{ k: 1.5 }] },
    ]);
    const { metadata, schema, files } = await openDeltaSnapshot(path, { session: session() });
    expect(metadata.configuration?.["delta.columnMapping.maxColumnId"]).toBe("11");
    const [id, , , more] = schema.fields;
    expect(id).toEqual(mapped("id", "long", "col-a", 1));
    expect(more?.metadata["delta.columnMapping.physicalName"]).toMatch(/^col-[0-9a-f-]{36}$/);
    for (const file of files) {
      expect(Object.keys(file.partitionValues)).toEqual(["col-d"]);
      expect(Object.keys((JSON.parse(file.stats ?? "") as { minValues: object }).minValues)).toContain("col-a");
      const named = await session().query(
        `select name, field_id as id from parquet_schema(${quoteLiteral(toFilePath(path, file.path))}) where field_id > 0`,
      );
      expect(named.map(({ name }) => name)).toContain("col-c");
      expect(Object.fromEntries(named.map((row) => [row["name"], Number(row["id"])]))).toMatchObject({ "col-a": 1 });
    }
  },
);

test("a schema that replaces one with mapped columns gives all of them new names", async () => {
  const configuration = { "delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "4" };
  const path = await build({ ...mappedTable, configuration });
  await publish(session(), path, "select 'x' as id", { mode: "replace", schemaContract: "replace" });
  expect(await rowsOf(path)).toEqual([{ id: "x" }]);
  const { metadata, schema } = await openDeltaSnapshot(path, { session: session() });
  expect(metadata.configuration?.["delta.columnMapping.maxColumnId"]).toBe("5");
  expect(schema.fields[0]?.metadata["delta.columnMapping.id"]).toBe(5);
});

test("times without a zone stay such, in columns, structs and partitions", async () => {
  const struct = { type: "struct", fields: [column("t", "timestamp_ntz")] } as const;
  const path = await build({
    fields: [column("id", "long"), column("seen", "timestamp_ntz"), column("s", struct), column("p", "timestamp_ntz")],
    partitionColumns: ["p"],
    features: ["timestampNtz"],
    files: [],
  });
  const row = (id: number, time: string): string =>
    `select ${id}::bigint as id, timestamp '${time}' as seen, {'t': timestamp '${time}'} as s, timestamp '${time}' as p`;
  await publish(session(), path, row(1, "2021-03-28 02:30:00.123456"), { partitionBy: ["p"] });
  await publish(session(), path, row(2, "1969-12-31 23:59:59.5"), { partitionBy: ["p"], mode: "merge", key: ["id"] });
  await publish(session(), path, row(1, "2022-01-01 00:00:00"), { partitionBy: ["p"], mode: "merge", key: ["id"] });
  const { schema, files } = await openDeltaSnapshot(path, { session: session() });
  expect(schema.fields.map(({ type }) => type)).toEqual(["long", "timestamp_ntz", struct, "timestamp_ntz"]);
  const relation = await deltaRelation(session(), await openDeltaSnapshot(path, { session: session() }));
  const texts = "id, seen::varchar as seen, s.t::varchar as t, p::varchar as p, typeof(seen) as type";
  expect(await session().query(`select ${texts} from (${relation}) order by id`)).toEqual(
    ["2022-01-01 00:00:00", "1969-12-31 23:59:59.5"].map((text, index) => {
      return { id: BigInt(index + 1), seen: text, t: text, p: text, type: "TIMESTAMP" };
    }),
  );
  const stats = files.map((file) => JSON.parse(file.stats ?? "") as { maxValues: { seen: string } });
  expect(stats.map(({ maxValues }) => maxValues.seen).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    "1969-12-31T23:59:59.500",
    "2022-01-01T00:00:00.000",
  ]);
});

test("rows that were deleted stay so when their file is written again, and its vector goes with it", async () => {
  for (const mode of ["merge", "delete_insert", "replace"] as const) {
    const path = await build({
      fields: [column("id", "long"), column("v", "string")],
      features: ["deletionVectors"],
      files: [{ rows: "select range as id, 'old' as v from range(6)", deletionVector: inlineVector([0, 3]) }],
    });
    const vector = (await openDeltaSnapshot(path, { session: session() })).files[0]?.deletionVector;
    const change = { mode, key: ["id"], ...(mode === "delete_insert" ? { covered: { by: "id" } } : {}) };
    const rows = "select unnest([3, 4])::bigint as id, 'new' as v";
    const { rowCount } = await publish(session(), path, rows, change);
    const fresh = [3n, 4n].map((id) => ({ id, v: "new" }));
    const old = [1n, 2n, 5n].map((id) => ({ id, v: "old" }));
    const all = [...old, ...fresh].toSorted((a, b) => Number(a.id - b.id));
    expect(await rowsOf(path)).toEqual(mode === "replace" ? fresh : all);
    expect(rowCount).toBe(mode === "replace" ? 2 : 5);
    const removes = (await actionsOf(path, 1)).flatMap(({ remove }) => remove ?? []);
    expect(removes.map(({ deletionVector }) => deletionVector)).toEqual([vector]);
    expect((await openDeltaSnapshot(path, { session: session() })).files.every((file) => !file.deletionVector)).toBe(
      true,
    );
  }
});

test("a checkpoint keeps vectors, ids of rows and what features keep with the table", async () => {
  const path = await build({
    fields: [column("id", "long")],
    features: ["deletionVectors", "v2Checkpoint"],
    writerFeatures: ["domainMetadata"],
    configuration: { "delta.checkpointInterval": "1", "delta.checkpointPolicy": "v2" },
    files: [{ rows: "select range as id from range(4)", deletionVector: inlineVector([1]) }],
  });
  const [file] = (await openDeltaSnapshot(path, { session: session() })).files;
  const domain = { domain: "team.owner", configuration: '{"a": 1}', removed: false };
  const gone = { path: "gone.parquet", deletionTimestamp: Date.now(), dataChange: true };
  await writeCommit(path, 1, [
    { add: { ...file, baseRowId: 40, defaultRowCommitVersion: 1 } },
    { remove: { ...gone, deletionVector: inlineVector([2]) } },
    { domainMetadata: domain },
    { domainMetadata: { ...domain, domain: "forgotten" } },
  ]);
  await writeCommit(path, 2, [{ domainMetadata: { ...domain, domain: "forgotten", removed: true } }]);
  await publish(session(), path, "select 9::bigint as id");
  const before = await openDeltaSnapshot(path, { session: session() });
  for (let version = 0; version < 4; version += 1)
    await rm(join(path, "_delta_log", `${String(version).padStart(20, "0")}.json`));
  const after = await openDeltaSnapshot(path, { session: session() });
  expect(after.files).toMatchObject(before.files.map((file) => ({ ...file, dataChange: false })));
  expect(after.files[0]).toMatchObject({ baseRowId: 40, deletionVector: inlineVector([1]) });
  expect(after.tombstones[0]?.deletionVector).toMatchObject(inlineVector([2]));
  expect(after.domains).toEqual([domain]);
  expect(await rowsOf(path)).toEqual([0n, 2n, 3n, 9n].map((id) => ({ id })));
});

test("where commits have times of their own, each is later than the one before and stands first", async () => {
  const path = await build({
    fields: [column("id", "long")],
    writerFeatures: ["inCommitTimestamp"],
    configuration: { "delta.enableInCommitTimestamps": "true" },
    files: [],
  });
  const ahead = Date.now() + 3_600_000;
  await writeCommit(path, 1, [{ commitInfo: { inCommitTimestamp: ahead, timestamp: 1 } }]);
  await publish(session(), path, "select 1::bigint as id");
  await publish(session(), path, "select 2::bigint as id");
  const firsts = await Promise.all([2, 3].map(async (version) => (await actionsOf(path, version))[0]));
  expect(firsts.map((first) => first?.commitInfo?.inCommitTimestamp)).toEqual([ahead + 1, ahead + 2]);
  const timestamp = new Date(ahead + 1);
  expect((await openDeltaSnapshot(path, { session: session(), timestamp })).version).toBe(2);
});

test("rows enter a table that widened its types as the types that it has now", async () => {
  const typeChanges = { "delta.typeChanges": [{ fromType: "integer", toType: "long" }] };
  const path = await build({
    fields: [column("id", "long", typeChanges)],
    features: ["typeWidening"],
    files: [{ rows: "select 1::integer as id" }],
  });
  await publish(session(), path, "select 2::integer as id, 'x' as more", { mode: "merge", key: ["id"] });
  expect(await rowsOf(path)).toEqual([
    { id: 1n, more: null },
    { id: 2n, more: "x" },
  ]);
  const { schema } = await openDeltaSnapshot(path, { session: session() });
  expect(schema.fields[0]?.metadata).toEqual(typeChanges);
});

test("the files of vectors go with the table that is deleted", async () => {
  const path = join(folder(), randomUUID());
  const [deletionVector] = storedVectors(path, [[0]], { folder: "vectors" });
  const files = [{ rows: "select range as id from range(2)", ...(deletionVector && { deletionVector }) }];
  await buildDeltaTable(session(), path, { fields: [column("id", "long")], features: ["deletionVectors"], files });
  expect(await rowsOf(path)).toEqual([{ id: 1n }]);
  await deleteDeltaTable(session(), path);
  expect(await readdir(folder())).not.toContain(path.slice(folder().length + 1));
});
