// A project whose lake is in a bucket: jobs publish and read there, and every command knows the tables.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";
import { s3Keys, S3Server } from "../../support/files/s3-server.ts";

let server: S3Server;
let project: SmallProject;
beforeEach(async () => {
  server = await S3Server.start();
  project = await createSmallProject({
    "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({
  slots: 1,
  compute: { threads: 1, memoryLimit: "256MB" },
  lake: "s3://lake/tables",
  lakeCache: "64MB",
  connections: { store: { s3: { endpoint: "${server.endpoint}", bucket: "lake", accessKeyId: "${s3Keys.accessKeyId}", secretAccessKey: "${s3Keys.secretAccessKey}" } } },
});
`,
    "jobs/orders.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "orders",
  purpose: "extraction",
  source: { file: { path: "s3a://lake/in/*.csv" } },
  checks: [{ notNull: ["name"], severity: "quarantine", name: "named" }],
  output: { dataset: "orders" },
});
`,
    "jobs/totals.ts": `import { sqlJob } from "millrace";
export default sqlJob({
  name: "totals",
  inputs: ["orders"],
  sql: "select count(*) as n from orders",
  output: { dataset: "totals", parquet: { path: "s3://lake/out/totals.parquet" } },
});
`,
  });
  server.put("in/orders.csv", "id,name\n1,one\n2,two\n3,\n");
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const keys = (): string[] => [...server.objects.keys()].map((key) => key.replaceAll(/part-[0-9a-f-]{36}/g, "part-*"));

test("doctor looks at the bucket before there is a store, and makes none", async () => {
  const { stdout } = await project.run("doctor");
  expect(stdout).toMatch(/ok +lake +s3:\/\/lake\/tables: writable/);
  expect(existsSync(join(project.path, ".millrace/store.db"))).toBe(false);
  server.trouble = () => ({ status: 403, code: "AccessDenied" });
  expect((await project.run("doctor")).stdout).toMatch(/fail +lake/i);
});

test("rows are published to the bucket and read from it, and nothing is on this machine", async () => {
  expect(await project.run("run", "orders")).toMatchObject({ exitCode: 0 });
  expect(await project.run("run", "totals")).toMatchObject({ exitCode: 0 });
  expect(keys().toSorted()).toEqual([
    "in/orders.csv",
    "out/totals.parquet",
    "out/totals.parquet.columns.json",
    "tables/orders/_delta_log/00000000000000000000.json",
    "tables/orders/part-*.zstd.parquet",
    "tables/orders_quarantine/_delta_log/00000000000000000000.json",
    "tables/orders_quarantine/part-*.zstd.parquet",
  ]);
  expect(existsSync(join(project.path, "lake"))).toBe(false);
  expect((await project.run("datasets", "head", "totals")).stdout).toContain("2");
  expect((await project.run("datasets", "head", "orders")).stdout).toContain("two");
  expect((await project.run("datasets", "show", "orders")).stdout).toContain("connection:store/tables/orders");
  expect((await project.run("quarantine", "list")).stdout).toContain("orders");
  expect((await project.run("verify")).exitCode).toBe(0);
  expect((await project.run("doctor")).stdout).toMatch(/lake +.*s3:\/\/lake\/tables: writable/);
});

test("a reset removes the tables of the dataset from the bucket", async () => {
  await project.run("run", "orders");
  expect(await project.run("datasets", "reset", "orders", "--yes")).toMatchObject({ exitCode: 0 });
  expect(keys().filter((key) => key.startsWith("tables/orders/"))).toEqual([]);
});

test("a bucket that no connection leads to is told with what to declare", async () => {
  await project.write(
    "millrace.config.ts",
    `import { defineProject } from "millrace";\nexport default defineProject({ lake: "s3://lake/tables" });\n`,
  );
  const { exitCode, stderr, stdout } = await project.run("run", "totals");
  expect(exitCode).not.toBe(0);
  expect(stdout + stderr).toContain("CONNECTION_UNKNOWN");
  expect((await project.run("doctor")).stdout).toContain("no connection is declared for bucket `lake`");
});

test("owner, grants and origin of a table that a catalog names are shown, and so is why they are not", async () => {
  const config = await readFile(join(project.path, "millrace.config.ts"), "utf8");
  await project.write("millrace.config.ts", config.replace("slots: 1,", 'slots: 1, catalog: { folder: "catalog" },'));
  const entry = {
    location: "s3://lake/warehouse/promos",
    owner: "sales",
    grants: [{ principal: "analysts", privileges: ["SELECT"] }],
    upstream: ["main.raw.promos"],
  };
  await project.write("catalog/main/sales/promos.json", JSON.stringify(entry));
  await project.write(
    "jobs/promos.ts",
    `import { sqlJob } from "millrace";
export default sqlJob({ name: "promos", inputs: [], sql: "select 1 as id", output: { dataset: "promos", delta: { table: "main.sales.promos" } } });
`,
  );
  expect(await project.run("run", "promos")).toMatchObject({ exitCode: 0 });
  const shown = (await project.run("datasets", "show", "promos")).stdout;
  expect(shown).toContain("catalog main.sales.promos, external, owned by sales");
  expect(shown).toContain("analysts may SELECT");
  expect(shown).toContain("made of main.raw.promos");
  await project.write("catalog/main/sales/promos.json", "[");
  expect((await project.run("datasets", "show", "promos")).stdout).toContain("promos.json` cannot be read");
});
