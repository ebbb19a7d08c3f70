// What a configuration may say. What comes of it is tested in tests/integration/data/load-strategies.test.ts.
import { expect, test } from "vitest";
import { z } from "zod";
import { expectThrown } from "../../tests/support/expect-thrown.ts";
import { loadJob } from "./load-job.ts";
import type { LoadConfiguration, StrategyConfig } from "./load-configuration.ts";
import type { LoaderStrategy } from "./strategy.ts";

const postgres = "jdbc:postgresql://db:5432/dwh";

const configuration: LoadConfiguration = {
  extractor_config: { strategy: "PARQUET", source_table: "in/promos" },
  unity_loader_config: { strategy: "DELTA", path: "out/unity" },
  stage_loader_config: { strategy: "PARQUET", path: "out/stage" },
  redshift_loader_config: {
    strategy: "POSTGRES",
    jdbc_url: postgres,
    properties: { user: "etl", password: "${env:PW}", driver: "org.postgresql.Driver" },
  },
};

const job = (change: object = {}): ReturnType<typeof loadJob> =>
  loadJob({ name: "load_promos", ...configuration, ...change });

test("loaders that take the rows in the same way share one publication, in the order of the keys", () => {
  expect(job().outputs).toEqual(["load_promos"]);
  expect(job().output).toEqual({
    dataset: "load_promos",
    delta: { path: "out/unity" },
    parquet: { path: "out/stage/load_promos.parquet" },
    postgres: { url: "postgresql://etl:%24%7Benv%3APW%7D@db:5432/dwh" },
  });
});

test.each([
  ["a mode that files cannot keep", { output: { mode: "merge", key: ["id"] } }, ["_stage", "_redshift"]],
  ["a second table of one format", { stage_loader_config: { strategy: "DELTA", path: "out/s" } }, ["_stage"]],
  ["a loader that loads nothing", { unity_loader_config: { strategy: "NOOP" } }, []],
])("%s changes which datasets there are, and the order stays", (_, change, others) => {
  expect(job(change).outputs).toEqual(["load_promos", ...others.map((suffix) => `load_promos${suffix}`)]);
});

test.each<[string, object, string]>([
  [
    "no loader",
    { unity_loader_config: undefined, stage_loader_config: undefined, redshift_loader_config: undefined },
    "expected `unity_loader_config` of job `load_promos` to be a loader, where all others load nothing, got: `NOOP`",
  ],
  [
    "a mode that adds rows again",
    { output: { mode: "append" } },
    "expected `mode` of `output` of job `load_promos` to be one in which a run that is repeated changes nothing, got: `append`",
  ],
  [
    "a place in `output`",
    { output: { delta: { path: "x" } } },
    "expected `delta` of `output` of job `load_promos` to be left out: loaders say where rows go",
  ],
  ["an unknown key", { loader_config: {} }, "unknown option `loader_config` of job `load_promos`"],
  [
    "no strategy",
    { stage_loader_config: { path: "x" } },
    "expected `strategy` of `stage_loader_config` of job `load_promos` to be the name of a strategy, got: `undefined`",
  ],
  [
    "a transform that is none",
    { transform: 7 },
    "expected `transform` of job `load_promos` to be a `select`, a step of `convert`, a function or a list of these, got: `7`",
  ],
  [
    "an unknown service",
    { job_failed_notifications: { notification_service: "FAX" } },
    "expected `notification_service` of `job_failed_notifications`",
  ],
])("%s is refused", (_, change, message) => {
  expect(expectThrown(() => job(change), "JOB_INVALID").message).toContain(message);
});

test.each<[string, StrategyConfig, string]>([
  [
    "an unknown strategy",
    { strategy: "PARKET", path: "x" },
    "unknown strategy of `extractor_config` of job `load_promos`: `PARKET`, did you mean `PARQUET`?",
  ],
  [
    "PARQUET without a place",
    { strategy: "PARQUET" },
    "expected `extractor_config` of job `load_promos` to be given either a `source_table` or a `path`, got: `neither`",
  ],
  [
    "CSV with both places",
    { strategy: "CSV", path: "a", source_table: "b" },
    "to be given either a `source_table` or a `path`, got: `both`",
  ],
  [
    "CSV with an option that nobody knows",
    { strategy: "CSV", path: "a", sep: ";" },
    "unknown option `sep` of `extractor_config`",
  ],
  [
    "DELTA with a version that is none",
    { strategy: "DELTA", path: "a", version: "1" },
    "expected `version` of `extractor_config` of job `load_promos` to be an integer of at least 0, got: `1`",
  ],
  [
    "JDBC without a table",
    { strategy: "JDBC", jdbc_url: postgres },
    "to be given either a `source_table` or a `query`, got: `neither`",
  ],
  [
    "JDBC of an unknown database",
    { strategy: "JDBC", jdbc_url: "jdbc:oracle:thin:@db", source_table: "t" },
    "expected `jdbc_url` of `extractor_config` of job `load_promos` to be an address such as `jdbc:postgresql://host:5432/database`, got: `jdbc:oracle:thin:@db`",
  ],
])("an extractor: %s is refused", (_, extractor_config, message) => {
  expect(expectThrown(() => job({ extractor_config }), "JOB_INVALID").message).toContain(message);
});

test.each<[string, StrategyConfig, string]>([
  [
    "an unknown strategy",
    { strategy: "REDSHFT" },
    "unknown strategy of `redshift_loader_config` of job `load_promos`: `REDSHFT`, did you mean `REDSHIFT`?",
  ],
  [
    "DELTA with a wrong type",
    { strategy: "DELTA", path: 7 },
    "expected `path` of `redshift_loader_config` of job `load_promos` to be a path, got: `7`",
  ],
  ["PARQUET without a path", { strategy: "PARQUET" }, "expected `path` of `redshift_loader_config`"],
  ["NOOP that is told something", { strategy: "NOOP", path: "x" }, "unknown option `path` of `redshift_loader_config`"],
  ["SQLITE without a path", { strategy: "SQLITE", table: "t" }, "expected `path` of `redshift_loader_config`"],
  [
    "POSTGRES without an address",
    { strategy: "POSTGRES", table: "t" },
    "to be given either a `jdbc_url` or a `connection`, got: `neither`",
  ],
  ["POSTGRES at two places", { strategy: "POSTGRES", jdbc_url: postgres, connection: "dwh" }, "got: `both`"],
  [
    "POSTGRES with an unknown property",
    { strategy: "POSTGRES", jdbc_url: postgres, properties: { usr: "x" } },
    "unknown option `usr` of `redshift_loader_config.properties` of job `load_promos`, did you mean `user`?",
  ],
  [
    "POSTGRES with a table that nobody could name",
    { strategy: "POSTGRES", jdbc_url: postgres, table: "a.b.c" },
    "to be a name without a dot of at most 63 bytes, got: `b.c`",
  ],
  [
    "MYSQL at a Postgres",
    { strategy: "MYSQL", jdbc_url: postgres },
    "to be an address such as `jdbc:mysql://host:3306/database`",
  ],
  [
    "REDSHIFT without a bucket",
    { strategy: "REDSHIFT", jdbc_url: "jdbc:redshift://c/dwh" },
    "expected `staging` of `redshift_loader_config` of job `load_promos` to be an object with `connection`, got: `undefined`",
  ],
])("a loader: %s is refused", (_, redshift_loader_config, message) => {
  expect(expectThrown(() => job({ redshift_loader_config }), "JOB_INVALID").message).toContain(message);
});

test("known strategies are listed, with those that the job brings", () => {
  const own: LoaderStrategy = {
    name: "S3_ICE",
    summary: "ice",
    options: { schema: z.object({}) },
    toTarget: () => undefined,
  };
  const wrong = { strategies: { loaders: [own] }, stage_loader_config: { strategy: "X" } };
  expect(expectThrown(() => job(wrong), "JOB_INVALID").hint).toBe(
    "known strategies: S3_ICE, DELTA, PARQUET, POSTGRES, REDSHIFT, MYSQL, SQLITE, NOOP; `strategies` of the job adds others",
  );
});

test("a strategy of the job's own says where rows go, with the options that it has checked", () => {
  const lines: LoaderStrategy<{ folder: string }> = {
    name: "LINES",
    summary: "files of lines",
    options: { schema: z.strictObject({ folder: z.string() }) },
    toTarget: ({ folder }, { dataset }) => ({ ndjson: { path: `${folder}/${dataset}.ndjson` } }),
  };
  const change = { strategies: { loaders: [lines] }, stage_loader_config: { strategy: "LINES", folder: "out" } };
  expect(job(change).output).toMatchObject({ ndjson: { path: "out/load_promos.ndjson" } });
});

test("where it reads and writes through connections, they concern the job", () => {
  const change = {
    extractor_config: { strategy: "CSV", path: "in/*.csv", connection: "lake" },
    redshift_loader_config: { strategy: "NOOP" },
  };
  expect(job(change).connections).toEqual(["lake"]);
});
