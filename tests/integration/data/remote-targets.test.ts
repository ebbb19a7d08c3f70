// Datasets whose files lie in a bucket or on an SSH server: whole for everybody who reads there, and nothing left behind.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import { deleteTables } from "../../../src/data/datasets/delete-tables.ts";
import { findDamage } from "../../../src/data/datasets/find-damage.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { lendPlaces } from "../../support/files/lent-places.ts";

const places = lendPlaces();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const rows = "select * from (values (1, 'one'), (2, 'two, and \"more\"')) v(id, name)";
const inBucket: DatasetOutput = { dataset: "t", csv: { connection: "lake", path: "out/t.csv" } };
const onServer: DatasetOutput = { dataset: "t", csv: { connection: "drop", path: "/out/t.csv" } };
const inCluster: DatasetOutput = { dataset: "t", csv: { connection: "cluster", path: "/out/t.csv" } };

test("a Delta table behind a connection that is no bucket is refused", async () => {
  const output = { dataset: "t", delta: { connection: "drop", path: "out/t" } };
  const error = await expectFailure(project.publish({ sql: "select 1 as id", output }));
  expect(error).toMatchObject({ code: "CONFIG_INVALID", message: "connection `drop` is no bucket, got: `sftp`" });
});

test("what others read there is one whole file, with a header and nothing of ours in it", async () => {
  const { dataset } = await project.publish({ sql: `${rows} order by id`, output: inBucket });
  expect(places.lake.text("out/t.csv")).toBe('id,name\n1,one\n2,"two, and ""more"""\n');
  expect(dataset.locations).toEqual([{ format: "csv", path: "connection:lake/out/t.csv" }]);
  await project.publish({ sql: `${rows} order by id`, output: onServer });
  expect(await readFile(join(places.drop.root, "out/t.csv"), "utf8")).toBe(places.lake.text("out/t.csv"));
  expect(await readdir(join(places.drop.root, "out"))).toEqual(["t.csv", "t.csv.columns.json"]);
  await project.publish({ sql: `${rows} order by id`, output: inCluster });
  expect(places.cluster.files.get("/out/t.csv")?.toString()).toBe(places.lake.text("out/t.csv"));
});

test("a file that no run has made is not overwritten", async () => {
  places.lake.put("out/t.csv", "somebody's\n");
  const error = await expectFailure(project.publish({ sql: rows, output: inBucket }));
  expect(error).toMatchObject({ code: "TARGET_UNREADABLE" });
  expect(places.lake.text("out/t.csv")).toBe("somebody's\n");
});

test("rows that somebody has changed are no rows of the dataset, and the next run replaces them", async () => {
  await project.publish({ sql: rows, output: inBucket });
  places.lake.put("out/t.csv", "id,name\n9,nine\n");
  expect(await expectFailure(project.rows("t"))).toMatchObject({ code: "SOURCE_UNREADABLE" });
  await project.publish({ sql: `${rows} where id = 1`, output: inBucket });
  expect(await project.rows("t")).toEqual([{ id: 1, name: "one" }]);
});

test.each([
  ["a bucket", inBucket],
  ["an SSH server", onServer],
  ["HDFS", inCluster],
])("an attempt that dies leaves nothing in %s when the next one has cleaned up", async (_, output) => {
  const failpoint = (name: string): void => {
    if (name === "csv:intended") throw new Error("died");
  };
  await expectFailure(project.publish({ sql: rows, output }, { runId: 1, failpoint }));
  expect([...places.lake.objects.keys(), ...places.lake.uploads.keys(), ...places.cluster.files.keys()]).toEqual([]);
  expect(await readdir(join(places.drop.root, "out")).catch(() => [])).toEqual([]);
});

test("a worker that lost its run publishes nothing", async () => {
  await project.publish({ sql: rows, output: inBucket });
  const before = places.lake.text("out/t.csv");
  let isHeld = true;
  const failpoint = (name: string): void => {
    if (name === "csv:intended") isHeld = false;
  };
  const attempt = { failpoint, isHeld: () => isHeld };
  const error = await expectFailure(project.publish({ sql: `${rows} where id = 1`, output: inBucket }, attempt));
  expect(error).toMatchObject({ code: "RUN_LOST" });
  expect(places.lake.text("out/t.csv")).toBe(before);
});

test("a service that refuses leaves the file that is there", async () => {
  await project.publish({ sql: rows, output: inBucket });
  places.lake.trouble = ({ method, key }) =>
    method === "PUT" && key === "out/t.csv" ? { status: 403, code: "AccessDenied" } : undefined;
  const error = await expectFailure(project.publish({ sql: `${rows} where id = 1`, output: inBucket }));
  expect(error).toMatchObject({ code: "PERMISSION_DENIED" });
  places.lake.trouble = () => undefined;
  expect(await project.rows("t")).toHaveLength(2);
});

test("runs that append add a file each, once", async () => {
  const output: DatasetOutput = { dataset: "t", mode: "append", ndjson: { connection: "drop", path: "/out/t" } };
  for (const [runId, epoch] of [
    [1, 1],
    [2, 1],
    [2, 2],
  ] as const) {
    await project.publish({ sql: `select ${runId} as id`, output }, { runId, epoch });
  }
  expect(await project.rows("t")).toEqual([{ id: 1 }, { id: 2 }]);
  const names = await readdir(join(places.drop.root, "out/t"));
  expect(names.filter((name) => name.endsWith(".ndjson"))).toHaveLength(2);
});

test("damage is named, and a dataset that is reset takes only its own files along", async () => {
  await project.publish({ sql: rows, output: onServer });
  const [version] = project.versions("t");
  expect(await findDamage(project.engine, [version!])).toEqual([]);
  await writeFile(join(places.drop.root, "out/t.csv.columns.json"), "{}");
  expect((await findDamage(project.engine, [version!])).join()).toContain("no file of columns");
  await writeFile(join(places.drop.root, "out/other.csv"), "x");
  const { root, engine } = project;
  await deleteTables({ engine, root, datasets: ["t"], tables: version!.locations });
  expect(await readdir(join(places.drop.root, "out"))).toEqual(["other.csv"]);
});
