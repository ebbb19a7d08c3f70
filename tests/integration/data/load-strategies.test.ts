// Every strategy of a load job: what it reads or writes, what becomes of it when its place is away, and when its process is killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lendVariables } from "../../../src/connections/variables.ts";
import type { Row } from "../../../src/compute/engine.ts";
import type { LoaderKey, StrategyConfig } from "../../../src/loads/load-configuration.ts";
import { loaderKeys } from "../../../src/loads/load-configuration.ts";
import type { LoadJobDefinition } from "../../../src/loads/load-job.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { runLoad } from "../../support/data/load-and-die.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { isOwnServer } from "../../support/postgres/postgres-shared-server.ts";
import { lendRedshift } from "../../support/redshift/redshift-warehouse.ts";

// the Postgres behind the emulated Redshift is the one that other strategies read and write
const warehouse = lendRedshift();
let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
  await warehouse.database.query("drop schema public cascade; create schema public");
  await project.write("in/promos.csv", "id,name\n1,one\n2,two\n");
  await project.write("blocked", "a file where a folder is needed");
});
afterEach(() => project[Symbol.asyncDispose]());

const rows = [
  { id: 1, name: "ONE" },
  { id: 2, name: "TWO" },
];
const nowhere = "jdbc:postgresql://127.0.0.1:1/dwh";
const csv: StrategyConfig = { strategy: "CSV", source_table: "in/promos.csv" };

function postgres(): string {
  const { host, pathname } = new URL(warehouse.database.url);
  return `jdbc:postgresql://${host}${pathname}?user=postgres`;
}

function redshift(): string {
  const { host, pathname, username } = new URL(warehouse.server.url);
  return `jdbc:redshift://${username}@${host}${pathname}`;
}

interface LoaderCase {
  readonly strategy: string;
  readonly config: () => object;
  /** Where nothing can be written. */
  readonly away: object;
  readonly code: string;
  /** When a process is killed. */
  readonly moment: string;
}

const staging = { connection: "lake" };
const loaders: readonly LoaderCase[] = [
  {
    strategy: "DELTA",
    config: () => ({ path: "out/delta" }),
    away: { path: "blocked/delta" },
    code: "TARGET_UNREADABLE",
    moment: "delta:placed",
  },
  {
    strategy: "PARQUET",
    config: () => ({ path: "out/parquet" }),
    away: { path: "blocked/t.parquet" },
    code: "TARGET_UNREADABLE",
    moment: "parquet:intended",
  },
  {
    strategy: "SQLITE",
    config: () => ({ path: "out/t.sqlite" }),
    away: { path: "blocked/t.sqlite" },
    code: "TARGET_UNREADABLE",
    moment: "sqlite:written",
  },
  {
    strategy: "POSTGRES",
    config: () => ({ jdbc_url: postgres(), table: "sales.promos", properties: { driver: "org.postgresql.Driver" } }),
    away: { jdbc_url: nowhere },
    code: "SERVICE_UNAVAILABLE",
    moment: "postgres:written",
  },
  {
    strategy: "REDSHIFT",
    config: () => ({ jdbc_url: redshift(), staging }),
    away: { jdbc_url: nowhere, staging },
    code: "SERVICE_UNAVAILABLE",
    moment: "redshift:loaded",
  },
];

function define(key: LoaderKey, config: object, more: Partial<LoadJobDefinition> = {}): LoadJobDefinition {
  const transform = "select id::integer as id, upper(name) as name from source";
  return { name: "promos", extractor_config: csv, transform, ...more, [key]: config };
}

const load = ({ strategy, config }: LoaderCase): LoadJobDefinition =>
  define("redshift_loader_config", { strategy, ...config() });

async function rowsOf(dataset = "promos"): Promise<Row[]> {
  return await project.rows(dataset, `select id, name from ${dataset} order by id`);
}

test.each(loaders)("$strategy has the rows, and a run that is repeated changes nothing", async (loader) => {
  const { loads } = await runLoad(project, load(loader));
  expect(loads).toMatchObject([{ loaders: ["redshift_loader_config"], dataset: "promos", rows: 2, changed: true }]);
  expect(await rowsOf()).toEqual(rows);
  const again = await runLoad(project, load(loader), { runId: 2 });
  expect(again.loads).toMatchObject([{ version: 1, changed: false }]);
  expect(project.versions("promos")).toHaveLength(1);
});

test.each(loaders)("$strategy that is away fails as $code, and what was there stays", async (loader) => {
  await runLoad(project, load(loader));
  const { strategy, away, code } = loader;
  const error = await expectFailure(
    runLoad(project, define("redshift_loader_config", { strategy, ...away }), { runId: 2 }),
  );
  expect(error.code).toBe(code);
  expect(project.versions("promos")).toHaveLength(1);
  expect(await rowsOf()).toEqual(rows);
});

async function loadAndDie(definition: LoadJobDefinition, moment: string): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/load-and-die.ts", import.meta.url));
  const args = [...process.execArgv, script, project.root, "1", moment, JSON.stringify(definition)];
  const env = { ...process.env, TEST_BUCKET_ENDPOINT: warehouse.bucket.endpoint };
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], env });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the process was not killed: ${errors}`);
}

test.each(loaders)("$strategy that is killed at `$moment` has the rows once after the next attempt", async (loader) => {
  await loadAndDie(load(loader), loader.moment);
  await runLoad(project, load(loader), { epoch: 2 });
  expect(await rowsOf()).toEqual(rows);
  expect(project.versions("promos")).toHaveLength(1);
});

const failAt =
  (moment: string) =>
  (name: string): void => {
    if (name === moment) throw new Error("the disk is gone");
  };

interface ExtractorCase {
  readonly strategy: string;
  readonly config: () => object;
  readonly away: object;
  readonly code: string;
  readonly prepare: () => Promise<unknown>;
}

const selected = "select * from (values (1::int, 'one'), (2, 'two')) v(id, name)";
const extractors: readonly ExtractorCase[] = [
  {
    strategy: "PARQUET",
    config: () => ({ source_table: "in/parquet" }),
    away: { source_table: "in/none" },
    code: "SOURCE_MISSING",
    prepare: () => project.writeParquet("in/parquet/day=1/part-0.parquet", selected),
  },
  {
    strategy: "DELTA",
    config: () => ({ path: "in/delta" }),
    away: { path: "in/none" },
    code: "SOURCE_MISSING",
    prepare: () => project.publish({ sql: selected, output: { dataset: "before", delta: { path: "in/delta" } } }),
  },
  {
    strategy: "CSV",
    config: () => ({ path: "in/promos.csv", csv: { header: true } }),
    away: { path: "in/none.csv" },
    code: "SOURCE_MISSING",
    prepare: () => Promise.resolve(),
  },
  {
    strategy: "JDBC",
    config: () => ({ jdbc_url: postgres(), source_table: "public.promos", properties: { fetchsize: "1000" } }),
    away: { jdbc_url: nowhere, source_table: "promos" },
    code: "SERVICE_UNAVAILABLE",
    prepare: () => warehouse.database.query(`create table promos as ${selected}`),
  },
  {
    strategy: "JDBC",
    config: () => ({ jdbc_url: `jdbc:sqlite:${project.path("in/p.sqlite")}`, query: "select id, name from promos" }),
    away: { jdbc_url: "jdbc:sqlite:in/none.sqlite", source_table: "promos" },
    code: "SOURCE_MISSING",
    prepare: () =>
      project.publish({
        sql: selected,
        output: { dataset: "promos_in", sqlite: { path: "in/p.sqlite", table: "promos" } },
      }),
  },
];

const extract = (extractor_config: StrategyConfig): LoadJobDefinition =>
  define("unity_loader_config", { strategy: "DELTA" }, { extractor_config });

test.each(extractors)(
  "$strategy gives the rows, also when the attempt before was lost while they were read",
  async ({ prepare, strategy, config }) => {
    await prepare();
    const definition = extract({ strategy, ...config() });
    await expectFailure(runLoad(project, definition, { failpoint: failAt("reading") }));
    await runLoad(project, definition, { epoch: 2 });
    expect(await rowsOf()).toEqual(rows);
    expect((await runLoad(project, definition, { runId: 2 })).loads).toMatchObject([{ changed: false }]);
  },
);

test("a process that is killed while it reads leaves nothing in the way of the next one", async () => {
  await loadAndDie(extract(csv), "reading");
  await runLoad(project, extract(csv), { epoch: 2 });
  expect(await rowsOf()).toEqual(rows);
});

test.each(extractors)(
  "$strategy that is away fails as $code, and nothing is loaded",
  async ({ strategy, away, code }) => {
    const error = await expectFailure(runLoad(project, extract({ strategy, ...away })));
    expect(error.code).toBe(code);
    expect(project.versions("promos")).toEqual([]);
  },
);

test("a table that is not there is a mistake, and no reason to try again", async () => {
  const config = { strategy: "JDBC", jdbc_url: postgres(), source_table: "sales.none" };
  const error = await expectFailure(runLoad(project, extract(config)));
  expect(error).toMatchObject({ code: "SOURCE_MISSING", disposition: "fail" });
});

test.runIf(isOwnServer())("a wrong password is permanent, and told nowhere", async () => {
  const role = "do $$ begin create role guarded login password 'right'; exception when duplicate_object then end $$";
  await warehouse.database.query(role);
  lendVariables((name) => (name === "DWH_PASSWORD" ? "wr0ng" : undefined));
  const address = postgres().replace("?user=postgres", "");
  const properties = { user: "guarded", password: "${env:DWH_PASSWORD}" };
  const config = { strategy: "POSTGRES", jdbc_url: address, properties };
  const error = await expectFailure(runLoad(project, define("redshift_loader_config", config)));
  expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
  expect(error.message + String(error.hint)).not.toContain("wr0ng");
});

test("a column of another type is refused with its name, and what was there stays", async () => {
  const config = { strategy: "POSTGRES", jdbc_url: postgres() };
  const output = { mode: "merge", key: ["id"] } as const;
  await runLoad(project, define("redshift_loader_config", config, { output }));
  const transform = "select id::integer as id, [name] as name from source";
  const error = await expectFailure(
    runLoad(project, define("redshift_loader_config", config, { output, transform }), { runId: 2 }),
  );
  expect(error.code).toBe("SCHEMA_MISMATCH");
  expect(error.message).toContain("`name`");
  expect(await rowsOf()).toEqual(rows);
});

const all = {
  unity_loader_config: { strategy: "DELTA", path: "out/unity" },
  stage_loader_config: { strategy: "PARQUET", path: "out/stage" },
  redshift_loader_config: { strategy: "SQLITE", path: "out/dwh.sqlite" },
};

const merging = { output: { mode: "merge", key: ["id"] } } as const;

test.each<[string, Partial<LoadJobDefinition>, string[]]>([
  ["rows that replace all", {}, ["promos"]],
  ["rows that are merged", merging, ["promos", "promos_stage", "promos_redshift"]],
])("after a failure between two places, %s go on with the one that lacks them", async (_, more, datasets) => {
  const definition = { ...define("unity_loader_config", all.unity_loader_config, more), ...all };
  for (const [index, moment] of ["parquet:publishing", "sqlite:publishing", "sqlite:written"].entries()) {
    await expectFailure(runLoad(project, definition, { epoch: index + 1, failpoint: failAt(moment) }));
  }
  const seen: string[] = [];
  const { loads } = await runLoad(project, definition, { epoch: 9, failpoint: (name) => void seen.push(name) });
  // what other places have is not even read
  expect(seen.filter((name) => name === "reading")).toHaveLength(1);
  expect(loads.flatMap((one) => one.loaders)).toEqual([...loaderKeys]);
  expect(loads.map(({ dataset }) => dataset)).toEqual(datasets);
  for (const dataset of datasets) {
    expect(project.versions(dataset)).toHaveLength(1);
    expect(await rowsOf(dataset)).toEqual(rows);
  }
  // the lake was loaded by the first attempt, and by no other
  expect(await readdir(project.path("out/unity/_delta_log"))).toEqual(["00000000000000000000.json"]);
});

test.each<[string, object]>([
  ["PARQUET for DELTA", { unity_loader_config: { strategy: "PARQUET", path: "out/unity" } }],
  ["POSTGRES for NOOP", { redshift_loader_config: { strategy: "NOOP" } }],
  ["DELTA for PARQUET", { stage_loader_config: { strategy: "DELTA", path: "out/stage" } }],
])("to swap %s changes the configuration alone", async (_, change) => {
  const configuration = {
    ...all,
    redshift_loader_config: { strategy: "POSTGRES", jdbc_url: postgres() },
    ...change,
  };
  const { loads } = await runLoad(project, { ...define("unity_loader_config", {}), ...configuration });
  const loaded = loads.flatMap((one) => one.loaders);
  expect(loaded).toEqual(loaderKeys.filter((key) => configuration[key].strategy !== "NOOP"));
  for (const { dataset } of loads) expect(await rowsOf(dataset)).toEqual(rows);
});
