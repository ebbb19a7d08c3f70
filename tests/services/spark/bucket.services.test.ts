// What Spark computes, with all that it shares with this machine in a bucket: a real Spark with Hadoop's `s3a`, and a real server.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { clusterOf } from "../../../src/app/connections/cluster-of.ts";
import type { Cluster } from "../../../src/compute/cluster.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { startVersitygw, type Versitygw } from "../files/versitygw.ts";
import { closedBucket, ensureHadoopAws } from "./hadoop-aws.ts";
import { sharedSparkConnect, type SharedSpark } from "./shared-spark.ts";

let spark: SharedSpark;
let gateway: Versitygw;
let connections: Connections;
let project: DataProject;
let takeBack: () => void;

beforeAll(async () => {
  await ensureHadoopAws();
  spark = await sharedSparkConnect();
  gateway = await startVersitygw(spark.bucketPort);
  await gateway.boto3(`s3.create_bucket(Bucket="${closedBucket}")`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await spark[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const { s3 } = gateway.connection;
  const declared = { lake: gateway.connection, closed: { s3: { ...s3, bucket: closedBucket } } };
  connections = openConnections(declared);
  takeBack = lendFileServices((name) => connections.files(name), { declared });
  project = await DataProject.create();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  takeBack();
  await connections[Symbol.asyncDispose]();
});

function clusterIn(folder?: string): Cluster {
  const compute = {
    connect: `sc://127.0.0.1:${spark.port}`,
    engine: "spark",
    ...(folder === undefined ? {} : { folder }),
  } as const;
  const cluster = clusterOf({
    root: project.root,
    lake: "s3://lake/gold",
    compute,
    environment: { readVariable: () => undefined },
    clock: createSystemClock(),
    onSecret: () => undefined,
  });
  if (cluster === undefined) throw new Error("there is no cluster");
  return cluster;
}

/** Keys of the bucket below a prefix. */
async function listKeys(prefix: string): Promise<readonly string[]> {
  const code = `for item in s3.list_objects_v2(Bucket=bucket, Prefix="${prefix}").get("Contents", []): print(item["Key"])`;
  return (await gateway.boto3(code)).split("\n").filter((key) => key !== "" && !key.endsWith("/"));
}

const onSpark = { engine: "spark", dialect: "spark" } as const;

test("tables of a lake in a bucket are read where they are, and rows come back through it", async () => {
  project.cluster = clusterIn();
  const days = `select i as id, ['a b/c=d', 'ü%20', null, 'plain'][1 + i % 4] as kind, timestamp '2026-01-01' + to_hours(i) as moment
    from range(1000) t(i)`;
  const kept = { dataset: "kept", delta: { path: "s3://lake/gold/kept", partitionBy: ["kind"] } } as const;
  await project.publish({ sql: days, output: kept });
  const sql = "select kind, count(*) as n, sum(id) as ids, max(moment) as latest from kept group by kind";
  const output = (name: string) => ({ dataset: name, delta: { path: `s3://lake/gold/${name}` } });
  await project.publish({ sql, inputs: ["kept"], compute: { dialect: "portable" }, output: output("there") });
  project.cluster = undefined;
  await project.publish({ sql, inputs: ["kept"], output: output("here") });
  const read = async (name: string) =>
    await project.rows(name, `select kind, n::bigint as n, ids::bigint as ids, latest from ${name} order by kind`);
  expect(await read("there")).toEqual(await read("here"));
  expect(project.warnings).toEqual([]);
  expect(await listKeys("gold/.millrace-spark")).toEqual([]);
});

test("what Spark cannot see becomes a copy in the bucket, and an attempt goes on with rows that lie there", async () => {
  project.cluster = clusterIn("s3a://lake/shared");
  await project.publish({ sql: "select * from range(1000) t(id)", output: { dataset: "numbers" } });
  const request: NamedRequest = {
    sql: "select id, uuid() as once from numbers",
    inputs: ["numbers"],
    compute: onSpark,
    output: { dataset: "marked" },
  };
  const died = (name: string): void => {
    if (name === "staged") throw new Error("died");
  };
  await expectFailure(project.publish(request, { runId: 7, failpoint: died }));
  expect(project.warnings).toContain(
    "input `numbers` was copied for Spark, which does not read where it is: 1000 rows",
  );
  const left = await listKeys("shared");
  expect(left.filter((key) => key.endsWith("_SUCCESS"))).toHaveLength(1);
  const asked = project.warnings.length;
  expect(await project.publish(request, { runId: 7, epoch: 2 })).toMatchObject({ rows: 1000 });
  // nothing was prepared again
  expect(project.warnings).toHaveLength(asked);
  expect(await project.rows("marked", "select count(distinct once)::int as n from marked")).toEqual([{ n: 1000 }]);
  expect(await listKeys("shared")).toEqual([]);
});

test.each([
  [`s3a://${closedBucket}/shared`, "PERMISSION_DENIED"],
  ["s3://lake/shared", "CAPABILITY_MISSING"],
])("a bucket that Spark does not open is told, and nothing is published: %s", async (folder, code) => {
  project.cluster = clusterIn(folder);
  const request: NamedRequest = {
    sql: "select 1 as one",
    inputs: [],
    compute: onSpark,
    output: { dataset: "refused" },
  };
  const failure = await expectFailure(project.publish(request));
  expect(failure).toMatchObject({ code, hint: expect.stringContaining("Spark") as string });
  expect(project.versions("refused")).toEqual([]);
});
