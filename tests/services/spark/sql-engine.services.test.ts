// The contract of what computes the SQL of jobs, on a real Spark; Delta tables of its rows as the deltalake package reads them. Then what
// only a server far away makes necessary: another attempt takes up what one has begun.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clusterOf } from "../../../src/app/connections/cluster-of.ts";
import type { Cluster } from "../../../src/compute/cluster.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { describeSqlEngine } from "../../conformance/sql-engine.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { DeltaRs, ensureDeltaPython, toPlainRows } from "../deltalake/delta-rs.ts";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

let spark: SparkConnect;
let python: string;

beforeAll(async () => {
  spark = await sharedSparkConnect();
  python = await ensureDeltaPython();
});
afterAll(async () => {
  await spark[Symbol.asyncDispose]();
});

function clusterIn(project: DataProject): Cluster {
  const cluster = clusterOf({
    root: project.root,
    lake: join(project.root, "lake"),
    compute: { connect: `sc://127.0.0.1:${spark.port}`, engine: "spark" },
    environment: { readVariable: () => undefined },
    clock: createSystemClock(),
    onSecret: () => undefined,
  });
  if (cluster === undefined) throw new Error("there is no cluster");
  return cluster;
}

describeSqlEngine("Spark", {
  compute: { engine: "spark", dialect: "portable" },
  cluster: clusterIn,
  judge: async (project, dataset) => {
    const { rows } = await new DeltaRs(python).read(join(project.root, "lake", dataset));
    expect(toPlainRows([...rows])).toEqual(toPlainRows(await project.rows(dataset)));
  },
});

test("an attempt that died when its rows were computed is gone on with, and they are not computed again", async () => {
  await using project = await DataProject.create();
  project.cluster = clusterIn(project);
  await project.publish({ sql: "select * from range(1000) t(id)", output: { dataset: "numbers" } });
  const request = {
    sql: "select id, uuid() as once from numbers",
    inputs: ["numbers"],
    compute: { engine: "spark", dialect: "spark" },
    output: { dataset: "marked" },
  } as const;
  const died = (name: string): void => {
    if (name === "staged") throw new Error("died");
  };
  await expectFailure(project.publish(request, { runId: 7, failpoint: died }));
  await using session = await project.engine.open();
  const left = join(project.root, "lake/.millrace-spark/*/*/*.parquet");
  const [first] = await session.query(`select min(once) as once from read_parquet('${left}')`);
  expect(await project.publish(request, { runId: 7, epoch: 2 })).toMatchObject({ rows: 1000 });
  expect(await project.rows("marked", "select min(once) as once from marked")).toEqual([first]);
  await project.publish({ ...request, output: { dataset: "marked_again" } }, { runId: 8 });
  expect(await project.rows("marked_again", "select min(once) as once from marked_again")).not.toEqual([first]);
  expect(await readdir(join(project.root, "lake/.millrace-spark"))).toEqual([]);
});

test("of two attempts at once the one that holds the run publishes, and its rows come once", async () => {
  await using project = await DataProject.create();
  project.cluster = clusterIn(project);
  await project.publish({ sql: "select * from range(100) t(id)", output: { dataset: "numbers" } });
  const request = {
    sql: "select id, java_method('java.lang.Thread', 'sleep', 10L + id * 0) as slept from numbers",
    inputs: ["numbers"],
    compute: { engine: "spark", dialect: "spark" },
    output: { dataset: "appended", mode: "append" },
  } as const;
  const late = expectFailure(project.publish(request, { runId: 7, epoch: 1, isHeld: () => false }));
  // of two that claim a run in one moment either may be the last
  const shared = join(project.root, "lake/.millrace-spark");
  const left = async (): Promise<string[]> => await readdir(shared, { recursive: true }).catch(() => []);
  await expect.poll(left, { timeout: 60_000 }).toContainEqual(expect.stringMatching(/attempt$/));
  expect(await project.publish(request, { runId: 7, epoch: 2 })).toMatchObject({ rows: 100 });
  expect((await late).code).toBe("RUN_LOST");
  expect(project.versions("appended")).toHaveLength(1);
  expect(await project.rows("appended", "select count(*)::int as n from appended")).toEqual([{ n: 100 }]);
});

test("a dataset that Spark cannot read where it is becomes a copy, and a type that it lacks is refused", async () => {
  await using project = await DataProject.create();
  project.cluster = clusterIn(project);
  await project.publish({
    sql: "select 1 as id, 'x' as name",
    output: { dataset: "kept", sqlite: { path: "out/kept.sqlite" } },
  });
  await project.publish({
    sql: "select 1 as id, time '10:00:00' as at",
    output: { dataset: "timed", duckdb: { path: "out/timed.duckdb" } },
  });
  const compute = { engine: "spark", dialect: "spark" } as const;
  await project.publish({ sql: "select * from kept", inputs: ["kept"], compute, output: { dataset: "read" } });
  expect(await project.rows("read", "select name from read")).toEqual([{ name: "x" }]);
  expect(project.warnings).toContain("input `kept` was copied for Spark, which does not read where it is: 1 rows");
  const request = { sql: "select id from timed", inputs: ["timed"], compute, output: { dataset: "refused" } };
  expect((await expectFailure(project.publish(request))).code).toBe("SCHEMA_MISMATCH");
});

test("a run that is stopped interrupts Spark, and leaves nothing that is published", async () => {
  await using project = await DataProject.create();
  project.cluster = clusterIn(project);
  await project.publish({ sql: "select * from range(200) t(id)", output: { dataset: "numbers" } });
  const stop = new AbortController();
  const request = {
    sql: "select java_method('java.lang.Thread', 'sleep', 100L + id * 0) as slept from numbers",
    inputs: ["numbers"],
    compute: { engine: "spark", dialect: "spark" },
    output: { dataset: "slow" },
  } as const;
  const publishing = expectFailure(project.publish(request, { signal: stop.signal, failpoint: () => undefined }));
  setTimeout(() => stop.abort(), 1_500);
  expect((await publishing).code).toBe("RUN_STOPPED");
  expect(project.versions("slow")).toEqual([]);
});
