// What Spark computes, with all that it shares with this machine in a bucket: a real Spark with Hadoop's `s3a`, and a real server.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { clusterOf } from "../../../src/app/connections/cluster-of.ts";
import type { Cluster } from "../../../src/compute/cluster.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import type { NamedRequest } from "../../../src/data/publish/named-request.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { startVersitygw, versitygwKeys, type Versitygw } from "../files/versitygw.ts";
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

const jobsOnExecutors = `import { mapReduceJob } from "millrace";
const sum = { init: 0, add: (total: number, n: number) => total + n, merge: (a: number, b: number) => a + b };
export default (["local", "spark"] as const).flatMap((engine) => [
  mapReduceJob({
    name: \`hits_\${engine}\`,
    input: { files: "logs/*" },
    map: (line, emit) => emit(line.field(6), 1),
    reduce: sum,
    row: (page, hits) => ({ page, hits }),
    output: { dataset: \`hits_\${engine}\`, delta: {} },
    engine,
  }),
  mapReduceJob({
    name: \`counts_\${engine}\`,
    input: { dataset: "hits_local" },
    map: (row, emit) => emit(\`\${typeof row["hits"]} \${String(row["hits"])}\`, 1),
    reduce: sum,
    output: { dataset: \`counts_\${engine}\`, ndjson: { path: \`out/counts-\${engine}.ndjson\` } },
    engine,
  }),
]);
`;

/** Pages of a log, few of which are many of its lines. */
const log = Array.from({ length: 20_000 }, (_, n) => {
  const page = n % 10 === 0 ? `/page/${(n * 7_919) % 3_000}` : "/index.html";
  return `10.0.0.${n % 250} - - [10/Oct/2026 +0000] "GET ${page} HTTP/1.1" 200 ${n}`;
}).join("\n");

test("jobs of map and reduce on executors have a bucket in common, and publish what this machine does", async () => {
  const { endpoint } = gateway.connection.s3;
  await using small = await createSmallProject({
    "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({
  slots: 1,
  lake: "s3://lake/mapped",
  connections: { store: { s3: { endpoint: "${endpoint}", bucket: "lake", accessKeyId: "${versitygwKeys.accessKeyId}", secretAccessKey: "${versitygwKeys.secretAccessKey}" } } },
  compute: { connect: "sc://127.0.0.1:${spark.port}" },
});
`,
    "jobs/hits.ts": jobsOnExecutors,
    "logs/a.log": log,
  });
  await writeFile(join(small.path, "logs/b.log.gz"), gzipSync(log));
  const doctor = await small.run("doctor");
  expect(doctor.stdout).toMatch(/ok +lake +s3:\/\/lake\/mapped: writable/);
  expect(doctor.stdout).toMatch(/ok +spark +answers, .* its rows are seen in s3a:\/\/lake\/mapped\/\.millrace-spark/);
  for (const job of ["hits_local", "hits_spark", "counts_local", "counts_spark"]) {
    const { exitCode, stdout, stderr } = await small.run("run", job);
    expect({ job, exitCode, stderr: exitCode === 0 ? "" : stderr + stdout }).toEqual({ job, exitCode: 0, stderr: "" });
  }
  const read = async (name: string): Promise<string> => await readFile(join(small.path, "out", name), "utf8");
  expect(await read("counts-spark.ndjson")).toBe(await read("counts-local.ndjson"));
  expect(await read("counts-spark.ndjson")).toContain('"bigint');
  // tables of the lake, which is in the bucket
  const same = "select count(*) as n, sum(hits) as hits, md5(string_agg(page || hits, ',' order by page)) as sum from";
  const rows = async (name: string) => (await small.run("datasets", "query", `${same} ${name}`, "--json")).stdout;
  expect(await rows("hits_spark")).toBe(await rows("hits_local"));
  expect(await rows("hits_spark")).toContain("40000");
  const shown = (await small.run("show", "r2")).stdout;
  expect(shown).toContain(`hits_spark was computed on Spark 4.2.0 at \`127.0.0.1:${spark.port}\``);
  expect(await listKeys("mapped/.millrace-spark")).toEqual([]);
});
