import { expect, test } from "vitest";
import type { JobContext, PublishRequest } from "../../core/job/job-context.ts";
import { integrationJob, type IntegrationJobDefinition } from "./integration-job.ts";

const minimal: IntegrationJobDefinition<"flights"> = {
  name: "flights",
  source: { file: { path: "raw/*.csv" } },
  target: { dataset: "flights" },
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
    sql: ["select 1 from source"],
    inputs: [],
    output: minimal.target,
    checks: [{ unique: ["id"] }],
    onEmpty: "fail",
  });
  expect(result).toEqual({ dataset: "flights", version: 3, changed: true, rows: 2, rowCount: 12, quarantined: 1 });
  expect(logged).toEqual(["look"]);
});

test.each<[Record<string, unknown>, string]>([
  [{ converts: [] }, "unknown option `converts` of an integration job, did you mean `convert`?"],
  [{ source: {} }, "expected source of job `flights` to be either `file` or `dataset`"],
  [{ source: { fil: {} } }, "unknown option `fil` of source of job `flights`, did you mean `file`?"],
  [{ source: { file: { path: [] } } }, "expected `path` of source of job `flights` to be a list of one or more names"],
  [{ source: { file: { path: "a", format: "parqet" } } }, "unknown file format `parqet`, did you mean `parquet`?"],
  [
    { source: { file: { path: "a", csv: { delim: ";" } } } },
    "unknown option `delim` of `csv` of source of job `flights`",
  ],
  [{ convert: [{ sq: "select 1" }] }, "unknown option `sq` of a convert step of job `flights`, did you mean `sql`?"],
  [{ onEmpty: "crash" }, "expected `onEmpty` to be fail, warn or ok, got: `crash`"],
  [{ target: { dataset: "Flights" } }, "expected a dataset name of lower case letters"],
  [{ target: { dataset: "t", mod: "merge" } }, "unknown option `mod` of target of job `flights`, did you mean `mode`?"],
  [{ target: { dataset: "t", mode: "upsert" } }, "unknown mode `upsert`"],
  [{ target: { dataset: "t", mode: "merge" } }, "mode `merge` of dataset `t` needs a `key`"],
  [
    { target: { dataset: "t", mode: "merge", key: ["id"], parquet: { path: "x" } } },
    "a parquet target cannot update rows",
  ],
  [
    { target: { dataset: "t", parquet: { path: "x", partitionBy: ["a"] } } },
    "cannot be partitioned, got: `partitionBy`",
  ],
  [{ target: { dataset: "t", sqlite: {} } }, "expected `path` of `sqlite` of target of job `flights`"],
  [{ checks: [{ uniq: ["id"] }] }, "unknown rule `uniq` of check 1, did you mean `unique`?"],
])("%j is refused", (wrong, message) => {
  expect(() => integrationJob({ ...minimal, ...wrong })).toThrow(message);
});
