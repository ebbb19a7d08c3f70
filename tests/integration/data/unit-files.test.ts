// Units of files and of databases: whose rows they are, and that a unit is read as a whole or not at all.
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import type { Source } from "../../../src/core/dataset/source.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { S3Server } from "../../support/files/s3-server.ts";
import { makeZip } from "../../support/files/zip-archive.ts";

let project: TestProject;
let server: S3Server;
beforeEach(async () => {
  server = await S3Server.start();
  project = await createTestProject({ connections: { lake: server.connection } });
  await project.publish("days", [{ id: "a" }, { id: "b" }, { id: "c" }]);
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function define(source: Source, more: object = {}) {
  return integrationJob({
    name: "sales",
    inputs: { days: { dataset: "days", role: "activation", key: "id" } },
    source,
    convert: [{ derive: { day: "{{days.id}}" } }],
    output: { dataset: "sales" },
    ...more,
  });
}

async function rows(): Promise<unknown> {
  return await project.query("select id::varchar as id, day from sales order by all", ["sales"]);
}

const each = ["a", "b", "c"].map((id) => ({ id, day: id }));

test("rows of files have the values of the unit that named them, also out of archives and in listings", async () => {
  for (const { id } of each) {
    await project.write({
      [`in/${id}.csv`]: `id\n${id}\n`,
      [`zip/${id}.zip`]: makeZip([{ name: "same.csv", bytes: Buffer.from(`id\n${id}\n`) }]),
    });
    server.put(`up/${id}.csv`, `id\n${id}\n`);
    server.put(`zip/${id}.zip`, makeZip([{ name: "same.csv", bytes: Buffer.from(`id\n${id}\n`) }]));
  }
  for (const file of [
    { path: "in/{{days.id}}.csv" },
    { path: "zip/{{days.id}}.zip" },
    { connection: "lake", path: "up/{{days.id}}.csv" },
    { connection: "lake", path: "zip/{{days.id}}.zip" },
  ]) {
    await project.run(define({ file }));
    expect(await rows()).toEqual(each);
  }
  const job = define({ file: { path: "in/{{days.id}}.csv", list: true } }, { output: { dataset: "listed" } });
  await project.run(job);
  expect(await project.query("select path, day from listed order by day", ["listed"])).toEqual(
    each.map(({ id }) => ({ path: `in/${id}.csv`, day: id })),
  );
});

test("a path that is a variable for a list reads exactly those files, here and behind a connection", async () => {
  const params = z.object({ files: z.array(z.string()) });
  const names = ["in/a[1].csv", "in/b.csv"];
  for (const path of [...names, "in/a1.csv", "in/c.csv"]) {
    await project.write({ [path]: `id\n${path}\n` });
    server.put(path, `id\n${path}\n`);
  }
  const output = { dataset: "read" };
  for (const connection of [{}, { connection: "lake" }]) {
    const source = { file: { path: "{{params.files}}", ...connection } };
    const job = integrationJob({ name: "read", params, source, output, retry: { maxRetries: 0 } });
    await project.run(job, { params: { files: names } });
    expect(await project.query("select id from read order by id", ["read"])).toEqual(names.map((id) => ({ id })));
    const problems = [
      [["in/a[12].csv"], "SOURCE_MISSING", "there is no file `in/a[12].csv`"],
      [[], "VARIABLE_UNRESOLVED", "to be a path or a list of paths, got: an empty list"],
      [["in/b.csv", "../b.csv"], "VARIABLE_UNRESOLVED", "got: another value at `[1]`"],
    ] as const;
    for (const [files, code, message] of problems) {
      const { error } = await project.run(job, { params: { files: [...files] }, onFailure: "return" });
      expect(error).toMatchObject({ code, message: expect.stringContaining(message) as string });
    }
  }
  const source = { file: { path: "in/{{params.files}}" } };
  const within = integrationJob({ name: "within", params, source, output });
  const { error } = await project.run(within, { params: { files: names }, onFailure: "return" });
  expect(error).toMatchObject({ code: "VARIABLE_UNRESOLVED", hint: expect.stringContaining("whole `path`") as string });
});

test("a unit of which a file cannot be fetched publishes none of its files", async () => {
  for (const { id } of each) {
    server.put(`in/${id}/1.csv`, `id\n${id}\n`);
    server.put(`in/${id}/2.csv`, `id\n${id}\n`);
  }
  server.trouble = ({ key, method }) => (method === "GET" && key === "in/b/2.csv" ? { status: 403 } : undefined);
  const more = { watermark: { kind: "units" }, output: { dataset: "sales", mode: "append" } };
  const job = define({ file: { connection: "lake", path: "in/{{days.id}}/*.csv" } }, more);
  const { reason } = await project.run(job, { onFailure: "return" });
  expect(reason).toBe("partial");
  expect(await rows()).toEqual([each[0], each[0], each[2], each[2]]);
});

test("rows of a database have the values of their units, some of which have none", async () => {
  using database = new DatabaseSync(join(project.root, "x.db"));
  database.exec('create table t as select value as id from json_each(\'["a","c","c"]\')');
  await project.run(define({ sql: { path: "x.db", query: "select id from t where id = ?", params: ["{{days.id}}"] } }));
  expect(await rows()).toEqual([each[0], each[2], each[2]]);
  database.exec("delete from t");
  await project.run(
    define(
      { sql: { path: "x.db", query: "select id from t where id = ?", params: ["{{days.id}}"] } },
      { onEmpty: "ok" },
    ),
  );
  expect(await rows()).toEqual([]);
});
