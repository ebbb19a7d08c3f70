import { expect, test } from "vitest";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { integrationJob, type IntegrationJobDefinition } from "./integration-job.ts";

const minimal: IntegrationJobDefinition<"flights"> = {
  name: "flights",
  source: { file: { path: "raw/*.csv" } },
  output: { dataset: "flights" },
};

/** Runs the job with a data layer that only notes what it is asked for. */
async function execute(
  job: ReturnType<typeof integrationJob>,
): Promise<{ request: PublishRequest; result: unknown; logged: string[] }> {
  const requests: PublishRequest[] = [];
  const logged: string[] = [];
  const dataset = { dataset: "flights", version: 3, rowCount: 12 };
  const data = {
    publish: async (request: PublishRequest) => {
      requests.push(request);
      return { dataset, changed: true, rows: 2, quarantined: 1, warnings: ["look"] };
    },
  };
  const ctx = { data, log: { warn: (message: string) => logged.push(message) } } as unknown as JobContext;
  const result = await job.execute(ctx);
  return { request: requests[0] as PublishRequest, result, logged };
}

test("inputs and outputs follow from source, references and quarantine", () => {
  const job = integrationJob({
    ...minimal,
    source: { dataset: "raw_flights" },
    checks: [
      { references: { origin: "airports.iata", self: "flights.id" }, severity: "quarantine" },
      { references: { destination: "airports.iata" } },
    ],
  });
  expect(job).toMatchObject({
    kind: "job",
    name: "flights",
    purpose: "ingestion",
    inputs: ["raw_flights", "airports"],
    outputs: ["flights", "flights_quarantine"],
  });
});

test("execute publishes what the definition says, logs warnings and returns the counts", async () => {
  const job = integrationJob({ ...minimal, convert: [{ sql: "select 1 from source" }], checks: [{ unique: ["id"] }] });
  const { request, result, logged } = await execute(job);
  expect(request).toEqual({
    source: minimal.source,
    convert: [{ sql: "select 1 from source" }],
    inputs: [],
    output: minimal.output,
    checks: [{ unique: ["id"] }],
    onEmpty: "fail",
  });
  expect(result).toEqual({ dataset: "flights", version: 3, changed: true, rows: 2, rowCount: 12, quarantined: 1 });
  expect(logged).toEqual(["look"]);
});

test.each<[Record<string, unknown>, string]>([
  [{ converts: [] }, "unknown option `converts` of job `flights`, did you mean `convert`?"],
  [
    { source: { file: { path: "a" }, version: 1 } },
    "expected `version` of `source` of job `flights` to be left out beside `file`, got: `1`",
  ],
  [
    { source: {} },
    "expected `source` of job `flights` to be an object with either `dataset`, `delta`, `file`, `http`, `sql` or `topic`, got: `{}`",
  ],
  [{ source: { fil: {} } }, "unknown option `fil` of `source` of job `flights`, did you mean `file`?"],
  [
    { source: { file: { path: [] } } },
    "expected `path` of `source.file` of job `flights` to be a path, or a list of one or more paths, got: `[]`",
  ],
  [{ source: { file: { path: "a", format: "parqet" } } }, "got: `parqet`, did you mean `parquet`?"],
  [
    { source: { file: { path: "a", csv: { delim: ";" } } } },
    "unknown option `delim` of `source.file.csv` of job `flights`, did you mean `delimiter`?",
  ],
  [{ convert: [{ sq: "select 1" }] }, "unknown option `sq` of `convert[0]` of job `flights`, did you mean `sql`?"],
  [
    { convert: { sql: "select 1" } },
    'expected `convert` of job `flights` to be a list of steps, got: `{"sql":"select 1"}`',
  ],
  [{ convert: ["select 1"] }, "expected `convert[0]` of job `flights` to be a step with exactly one of `batch`,"],
  [
    { convert: [{ drop: ["a"], select: ["b"] }] },
    'expected `select` of `convert[0]` of job `flights` to be left out beside `drop`, got: `["b"]`',
  ],
  [
    { convert: [{ explode: "a", ordnal: "n" }] },
    "unknown option `ordnal` of `convert[0]` of job `flights`, did you mean `ordinal`?",
  ],
  [
    { convert: [{ cast: { a: "BIGINT" } }, { cast: { a: "DECMAL(9,2)" } }] },
    "expected `a` of `convert[1].cast` of job `flights` to be a type of SQL such as `BIGINT`, `DATE` or `DECIMAL(18,2)`, got: `DECMAL(9,2)`",
  ],
  [
    { convert: [{ cast: { a: { type: "BIGINT", format: "%Y" } } }] },
    "expected `format` of `convert[0].cast.a` of job `flights` to be left out for the type BIGINT, which is no date or timestamp",
  ],
  [
    { convert: [{ batch: { size: 0, as: "x" } }] },
    "expected `size` of `batch` of `convert[0]` of job `flights` to be a positive integer, got: `0`",
  ],
  [
    { convert: [{ cast: { a: "DATE" }, onError: "quarantine" }, { encrypt: ["b"] }] },
    "expected `onError` of `convert[0]` of job `flights` to be `fail` or `null` before `encrypt`, got: `quarantine`",
  ],
  [
    { convert: [{ derive: { a: "{{config.api_token}}" } }] },
    "to be a variable that is no secret, since rows are for everybody to read, got: `{{config.api_token}}`",
  ],
  [
    { convert: [{ sql: "select 1" }, { derive: { a: "{{accounts.id}}" } }] },
    "expected `a` of `convert[1].derive` of job `flights` to be in a step before `sql`, behind which nobody knows the unit of a row",
  ],
  [{ convert: [{ derive: { a: "{{accounts" } }] }, "expected a variable such as `{{window.from}}`"],
  [{ onEmpty: "crash" }, "expected `onEmpty` of job `flights` to be one of `fail`, `warn`, `ok`, got: `crash`"],
  [
    { output: { dataset: "Flights" } },
    "expected `dataset` of `output` of job `flights` to be a name of lower case letters",
  ],
  [
    { output: { dataset: "t", mod: "merge" } },
    "unknown option `mod` of `output` of job `flights`, did you mean `mode`?",
  ],
  [{ output: { dataset: "t", mode: "upsert" } }, "`delete_insert`, `snapshot`, `scd2`, got: `upsert`"],
  [
    { output: { dataset: "t", mode: "merge" } },
    "expected `key` of `output` of job `flights` to be the columns that identify a row, for mode `merge`",
  ],
  [
    { output: { dataset: "t", mode: "scd2" } },
    "expected `key` of `output` of job `flights` to be the columns that identify a row, for mode `scd2`",
  ],
  [
    { output: { dataset: "t", mode: "delete_insert" } },
    "expected `by` of `output` of job `flights` to be the column that says which window a row belongs to",
  ],
  [
    { output: { dataset: "t", mode: "merge", key: ["id"], validFrom: "since" } },
    "expected `validFrom` of `output` of job `flights` to be left out for mode `merge`, got: `since`",
  ],
  [
    { output: { dataset: "t", mode: "scd2", key: ["id"], validTo: "Valid_From" } },
    "expected `validTo` of `output` of job `flights` to be the name of a column that no other option names",
  ],
  [
    { output: { dataset: "t", mode: "scd2", key: ["id"], csv: { path: "x" } } },
    "a csv target cannot change rows one by one, got: mode `scd2`",
  ],
  [
    { output: { dataset: "t", mode: "merge", key: ["id"], parquet: { path: "x" } } },
    "a parquet target cannot change rows one by one",
  ],
  [
    { output: { dataset: "t", parquet: { path: "x", partitionBy: ["a"] } } },
    "cannot be partitioned, got: `partitionBy`",
  ],
  [{ output: { dataset: "t", sqlite: {} } }, "expected `path` of `output.sqlite` of job `flights` to be a path"],
  [
    { source: { http: { url: "https://example.com/rows", resume: true } } },
    "expected `resume` of `source.http` of job `flights` to be left out without a `connection`",
  ],
  [{ checks: [{ uniq: ["id"] }] }, "unknown option `uniq` of `checks[0]` of job `flights`, did you mean `unique`?"],
])("%j is refused", (wrong, message) => {
  expect(() => integrationJob({ ...minimal, ...wrong })).toThrow(message);
});
