// Delta tables that outputs name by a catalog: a folder of entries, or a Unity Catalog server.
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { lendCatalog } from "../../../src/connections/catalog/find-catalog.ts";
import type { TableCatalog } from "../../../src/connections/catalog/table-catalog.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { openCatalog } from "../../../src/app/connections/open-catalog.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { lendPlaces } from "../../support/files/lent-places.ts";
import { unityRefusal, UnityServer } from "../../support/http/unity-server.ts";

const places = lendPlaces();
const table = "main.sales.promos";
const sql = "select 1 as id, 1.5::decimal(10,2) as price, ['a'] as tags";

let project: DataProject;
let server: UnityServer;
let connections: Connections;
let catalog: TableCatalog;
beforeEach(async () => {
  project = await DataProject.create();
  server = await UnityServer.start();
  connections = openConnections({ unity: { http: { baseUrl: server.url } } });
});
afterEach(async () => {
  lendCatalog(undefined);
  await connections[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

const kinds = {
  "a folder": { folder: "catalog" },
  "a Unity Catalog server": { connection: "unity" },
} as const;

async function lend(kind: keyof typeof kinds): Promise<void> {
  await project.write("catalog/main/sales/README.md", "tables of sales");
  catalog = openCatalog(kinds[kind], project.root, (name) => connections.get(name));
  lendCatalog(() => Promise.resolve(catalog));
}

async function enter(location: string, more: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const { kind = "external", format = "DELTA", ...others } = more;
  await project.write(`catalog/main/sales/promos.yaml`, JSON.stringify({ location, kind, format, ...others }));
  server.tables.set(table, {
    name: "promos",
    catalog_name: "main",
    schema_name: "sales",
    table_type: String(kind).toUpperCase(),
    data_source_format: String(format),
    storage_location: location,
    ...others,
  });
}

describe.each(["a folder", "a Unity Catalog server"] as const)("in %s", (kind) => {
  beforeEach(() => lend(kind));

  test("a table that is there is published to where its entry leads", async () => {
    await enter("s3a://lake/warehouse/promos");
    const { dataset } = await project.publish({ sql, output: { dataset: "promos", delta: { table } } });
    expect(dataset.locations).toEqual([
      { format: "delta", path: "connection:lake/warehouse/promos", version: 0, catalogTable: table },
    ]);
    expect([...places.lake.objects.keys()].some((key) => key.startsWith("warehouse/promos/_delta_log/"))).toBe(true);
    expect(await project.rows("promos", "select id from promos")).toEqual([{ id: 1 }]);
  });

  test("a table that is not there gets an entry once it is, also after a crash right before that", async () => {
    const output = { dataset: "promos", delta: { table, path: "s3://lake/new/promos" } };
    const failpoint = (name: string): void => {
      if (name === "delta:committed") throw new Error("died");
    };
    await project.publish({ sql, output }, { runId: 1, failpoint }).catch(() => undefined);
    expect(await catalog.find(table)).toBeUndefined();
    await project.publish({ sql, output }, { runId: 1, epoch: 2 });
    expect(await catalog.find(table)).toMatchObject({
      location: "s3://lake/new/promos",
      kind: "external",
      format: "DELTA",
    });
    await project.publish({ sql: `${sql} union all ${sql}`, output: { dataset: "promos", delta: { table } } });
    expect(await project.rows("promos", "select count(*) as n from promos")).toEqual([{ n: 2n }]);
  });

  test("a table without a path is made in the lake, below its names", async () => {
    await project.publish({ sql, output: { dataset: "promos", delta: { table } } });
    expect((await catalog.find(table))?.location).toBe(`file://${project.path("lake/main/sales/promos")}`);
  });

  test.each([
    [{ kind: "managed" }, "is managed by its catalog"],
    [{ format: "ICEBERG" }, "is no Delta table, got: `ICEBERG`"],
    [{ properties: { "delta.feature.catalogManaged": "supported" } }, "it has `catalogManaged`"],
    [{ properties: { "delta.feature.catalogOwned-preview": "supported" } }, "it has `catalogOwned-preview`"],
  ])("a table with %j is refused by name, and nothing is written", async (more, message) => {
    await enter("s3://lake/warehouse/promos", more);
    const error = await expectFailure(project.publish({ sql, output: { dataset: "promos", delta: { table } } }));
    expect(error).toMatchObject({ code: "TARGET_UNSUPPORTED" });
    expect(error.message).toContain(`\`${table}\``);
    expect(error.message).toContain(message);
    expect([...places.lake.objects.keys()]).toEqual([]);
  });

  test.each([
    ["main.missing.promos", "there is no schema `main.missing` for table `main.missing.promos`"],
    ["nowhere.sales.promos", "there is no catalog `nowhere` for table `nowhere.sales.promos`"],
  ])("%s is unknown by its first part that is not there", async (name, message) => {
    const publication = project.publish({ sql, output: { dataset: "promos", delta: { table: name } } });
    expect(await expectFailure(publication)).toMatchObject({ code: "CATALOG_UNKNOWN", message });
  });

  test("a table that is elsewhere than the output says is refused", async () => {
    await enter("s3://lake/warehouse/promos");
    const output = { dataset: "promos", delta: { table, path: "s3://lake/other" } };
    expect((await expectFailure(project.publish({ sql, output }))).message).toContain(
      "is at `s3://lake/warehouse/promos`",
    );
  });

  test("of two that make the same entry one does, and the other finds it", async () => {
    const entry = { name: table, location: "s3://lake/a", columns: [] };
    await Promise.all([catalog.create(entry), catalog.create(entry)]);
    const error = await expectFailure(catalog.create({ ...entry, location: "s3://lake/b" }));
    expect(error).toMatchObject({ code: "TARGET_CONFLICT" });
    expect((await catalog.find(table))?.location).toBe("s3://lake/a");
  });

  test("owner, comment and grants are told", async () => {
    const grants = [{ principal: "analysts", privileges: ["MODIFY", "SELECT"] }];
    server.grants.set(table, { analysts: ["SELECT", "MODIFY"] });
    await enter("s3://lake/t", {
      owner: "sales",
      comment: "all promotions",
      ...(kind === "a folder" ? { grants } : {}),
    });
    expect(await catalog.describe(table)).toMatchObject({ owner: "sales", comment: "all promotions", grants });
  });
});

test("columns of every kind are told to a Unity Catalog server in its words", async () => {
  await lend("a Unity Catalog server");
  await project.publish({ sql, output: { dataset: "promos", delta: { table } } });
  expect(server.tables.get(table)?.columns).toMatchObject([
    { name: "id", position: 0, type_name: "INT", type_text: "int", nullable: true },
    { name: "price", position: 1, type_name: "DECIMAL", type_text: "decimal(10,2)", type_precision: 10, type_scale: 2 },
    { name: "tags", position: 2, type_name: "ARRAY", type_text: "array<string>" },
  ]);
});

test("an entry of a folder says where a table is in words that people can write", async () => {
  await lend("a folder");
  await project.publish({ sql, output: { dataset: "promos", delta: { table, path: "s3://lake/t" } } });
  const text = await readFile(project.path("catalog/main/sales/promos.yaml"), "utf8");
  expect(parse(text)).toMatchObject({
    location: "s3://lake/t",
    kind: "external",
    columns: [{ name: "id", type: "integer" }, {}, {}],
  });
  for (const [broken, message] of [
    ["locaton: s3://lake/t", "location"],
    ["a: [", "no YAML"],
    ["location: 7", "location"],
  ] as const) {
    await project.write("catalog/main/sales/promos.yaml", broken);
    const error = await expectFailure(catalog.find(table));
    expect(error).toMatchObject({ code: "CATALOG_UNREADABLE" });
    expect(error.message).toContain("promos.yaml");
    expect(error.message).toContain(message);
  }
});

test("what a Unity Catalog server refuses is told, and a moment of trouble is got over", async () => {
  await lend("a Unity Catalog server");
  await enter("s3://lake/t");
  let left = 1;
  server.trouble = () => (left-- > 0 ? unityRefusal(503, "UNAVAILABLE") : undefined);
  expect((await catalog.find(table))?.location).toBe("s3://lake/t");
  server.trouble = () => unityRefusal(403, "PERMISSION_DENIED");
  const error = await expectFailure(catalog.find(table));
  expect(error).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(error.message).toContain("tables/main.sales.promos");
});

test("a project without a catalog says so", async () => {
  const error = await expectFailure(project.publish({ sql, output: { dataset: "promos", delta: { table } } }));
  expect(error).toMatchObject({ code: "CONFIG_INVALID" });
  expect(error.hint).toContain("catalog: { folder");
});
