import { expect, test } from "vitest";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { sqlJob, type SqlJobDefinition } from "./sql-job.ts";

const minimal: SqlJobDefinition<"clean_flights"> = {
  name: "clean_flights",
  inputs: ["raw_flights"],
  sql: "select * from raw_flights",
  output: { dataset: "flights" },
};

test("a reference adds its dataset to the inputs, once", async () => {
  const requests: PublishRequest[] = [];
  const job = sqlJob({ ...minimal, checks: [{ references: { origin: "airports.iata", other: "raw_flights.id" } }] });
  expect(job).toMatchObject({ purpose: "processing", inputs: ["raw_flights", "airports"], outputs: ["flights"] });
  const publish = async (request: PublishRequest) => {
    requests.push(request);
    return { dataset: {}, warnings: [] };
  };
  await job.execute({ data: { publish } } as unknown as JobContext);
  expect(requests).toMatchObject([{ sql: minimal.sql, inputs: ["raw_flights", "airports"], output: minimal.output }]);
});

test.each<[Record<string, unknown>, string]>([
  [{ input: ["a"] }, "unknown option `input` of job `clean_flights`, did you mean `inputs`?"],
  [{ inputs: "a" }, "expected `inputs` of job `clean_flights` to be a list of datasets and topics, got: `a`"],
  [{ inputs: ["Raw"] }, "expected `inputs[0]` of job `clean_flights` to be a name of lower case letters"],
  [{ sql: "" }, "expected `sql` of job `clean_flights`"],
  [
    { dialect: "sparc" },
    "expected `dialect` of job `clean_flights` to be one of `duckdb`, `portable`, `spark`, got: `sparc`, did you mean `spark`?",
  ],
  [
    { dialect: "duckdb", engine: "spark" },
    "expected `engine` of job `clean_flights` to be `duckdb`, or left out, for SQL in the dialect `duckdb`, got: `spark`",
  ],
  [
    { dialect: "spark", engine: "duckdb" },
    "expected `engine` of job `clean_flights` to be `spark`, or left out, for SQL in the dialect `spark`, got: `duckdb`",
  ],
  [
    { output: { dataset: "raw_flights" } },
    "job `clean_flights` depends on itself: it reads and publishes dataset `raw_flights`",
  ],
])("%j is refused", (wrong, message) => {
  expect(() => sqlJob({ ...minimal, ...wrong })).toThrow(message);
});

test.each<[Partial<SqlJobDefinition>, PublishRequest["compute"]]>([
  [{}, undefined],
  [{ engine: "duckdb" }, { engine: "duckdb", dialect: "duckdb" }],
  [{ dialect: "duckdb" }, { dialect: "duckdb" }],
  [{ dialect: "portable" }, { dialect: "portable" }],
  [
    { dialect: "portable", engine: "duckdb" },
    { engine: "duckdb", dialect: "portable" },
  ],
  [
    { dialect: "portable", engine: "spark" },
    { engine: "spark", dialect: "portable" },
  ],
  [{ engine: "spark" }, { engine: "spark", dialect: "spark" }],
  [{ dialect: "spark" }, { dialect: "spark" }],
])("what %j says of dialect and engine is asked of publishing", async (options, compute) => {
  const requests: PublishRequest[] = [];
  const publish = async (request: PublishRequest) => {
    requests.push(request);
    return { dataset: {}, warnings: [] };
  };
  const job = sqlJob({ ...minimal, ...options });
  await job.execute({ data: { publish } } as unknown as JobContext);
  expect(requests.map((request) => request.compute)).toEqual([compute]);
});

test("what is said to be portable is looked at when the job is defined", () => {
  const sql = "select origin,\n  any_value(city) as city\nfrom raw_flights group by origin";
  expect(() => sqlJob({ ...minimal, sql })).not.toThrow();
  expect(() => sqlJob({ ...minimal, sql, dialect: "portable" })).toThrow(
    expect.objectContaining({
      code: "SQL_INVALID",
      message: expect.stringContaining("`sql` of job `clean_flights` is not portable at 2:3: the function `any_value`"),
      details: { line: 2, column: 3, option: ["sql"] },
    }),
  );
});

test.each(["rows", "source"])("a dataset called `%s` could never be read, so no job may publish it", (dataset) => {
  expect(() => sqlJob({ name: "job", inputs: [], sql: "select 1", output: { dataset } })).toThrow(
    expect.objectContaining({ code: "JOB_INVALID", message: expect.stringContaining(`\`${dataset}\``) }),
  );
});

const taken = [
  { sqlite: { path: "t.db", table: "_millrace_publication" } },
  { sqlite: { path: "t.db", table: "_MILLRACE_staged" } },
  { sqlite: { path: "t.db", table: "SQLite_stat1" } },
  { sqlite: { path: "t.db" } },
  { duckdb: { path: "t.db", table: "_millrace_publication" } },
  { duckdb: { path: "t.db", table: "_Millrace_Publication" } },
];

test.each(taken)("a table whose name is taken is refused when the job is defined: %j", (target) => {
  const output = { dataset: "sqlite_rows", ...target };
  expect(() => sqlJob({ name: "job", inputs: [], sql: "select 1", output })).toThrow(
    expect.objectContaining({
      code: "JOB_INVALID",
      message: expect.stringContaining("a name that does not start with"),
    }),
  );
});
