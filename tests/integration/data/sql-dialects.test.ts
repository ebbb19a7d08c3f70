// What becomes of a query by the dialect and the engine that its job says.
import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlJob, type SqlJobDefinition } from "../../../src/data/jobs/sql-job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";

let project: TestProject;
beforeAll(async () => {
  project = await createTestProject();
});
afterAll(() => project[Symbol.asyncDispose]());

const columns = { id: "INTEGER", name: "VARCHAR" };
const inputs = { people: { rows: [{ id: 1, name: "Ann" }], columns } };

function define(options: Partial<SqlJobDefinition>) {
  const sql = "select id, name from people";
  return sqlJob({ name: "named", inputs: ["people"], sql, output: { dataset: "named" }, ...options });
}

test.each<Partial<SqlJobDefinition>>([
  { dialect: "portable" },
  { dialect: "portable", engine: "duckdb" },
  { engine: "duckdb" },
])("%j is published by DuckDB", async (options) => {
  await project.run(define(options), { inputs });
  expect(await project.query("select * from named", ["named"])).toEqual([{ id: 1, name: "Ann" }]);
});

test.each<Partial<SqlJobDefinition>>([
  { engine: "spark" },
  { dialect: "spark" },
  { dialect: "portable", engine: "spark" },
])("%j is refused where there is no Spark", async (options) => {
  const run = await project.run(define(options), { inputs, onFailure: "return" });
  expect(run.error).toMatchObject({ code: "CONFIG_INVALID" });
});
