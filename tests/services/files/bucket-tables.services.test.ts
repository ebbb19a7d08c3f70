// Delta tables in the bucket of a real server, committed to by several real processes at once, and read by deltalake.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { FileCache } from "../../../src/connections/files/file-cache.ts";
import { lendFileServices } from "../../../src/connections/files/find-file-service.ts";
import type { Connections } from "../../../src/connections/registry/connections.ts";
import { findBucket } from "../../../src/connections/s3/find-bucket.ts";
import { deltaHistory, openDeltaScan, openDeltaSnapshot } from "../../../src/data/delta/delta-table.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { openConnections } from "../../support/files/file-services.ts";
import { DeltaRs, ensureDeltaPython, toPlainRows } from "../deltalake/delta-rs.ts";
import { startVersitygw, type Versitygw } from "./versitygw.ts";

let gateway: Versitygw;
let connections: Connections;
let folder: string;

beforeAll(async () => {
  gateway = await startVersitygw();
});
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-lake-"));
  const { s3 } = gateway.connection;
  const declared = { lake: gateway.connection, wrong: { s3: { ...s3, bucket: "missing" } } };
  connections = openConnections(declared);
  const cache = new FileCache({ folder: join(folder, "cache"), maxBytes: 64_000_000 });
  lendFileServices((name) => connections.files(name), { declared, cache });
});
afterEach(async () => {
  await connections[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function write(table: string, mode: string, first: number, commits: number): Promise<void> {
  const script = fileURLToPath(new URL("../../support/data/bucket-writer.ts", import.meta.url));
  const args = [script, JSON.stringify(gateway.connection), table, mode, String(first), String(commits)];
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(0);
}

async function rowsOf(table: string): Promise<readonly unknown[]> {
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "512MB" });
  await using session = await engine.open();
  const { version } = await openDeltaSnapshot(table, { session });
  await session.defineScan("t", await openDeltaScan(table, { session, version, spool: join(folder, "spool") }));
  return (await session.query("select id from t order by id")).map(({ id }) => Number(id));
}

test.each(["append", "merge"])(
  "of two processes that %s at once no row is lost, and none is there twice",
  async (mode) => {
    const table = `connection:lake/race/${mode}`;
    await Promise.all([write(table, mode, 100, 12), write(table, mode, 200, 12)]);
    expect(await rowsOf(table)).toEqual(
      [100, 200].flatMap((first) => Array.from({ length: 12 }, (_, index) => first + index)),
    );
    const history = await deltaHistory(table);
    expect(history.map(({ version }) => version)).toEqual(Array.from({ length: 24 }, (_, index) => 23 - index));
  },
);

test("a real server refuses the second writer, and says what is wrong with a bucket", async () => {
  const lake = await findBucket("lake");
  expect(await lake.refusesSecondWriter("probe", {})).toBe(true);
  expect(await lake.putOnce("once.json", "first", {})).toBe(true);
  expect(await lake.putOnce("once.json", "first", {})).toBe(true);
  expect(await lake.putOnce("once.json", "second", {})).toBe(false);
  const known = await lake.read("once.json", undefined, {});
  expect(known?.text).toBe("first");
  expect(await lake.read("once.json", known, {})).toBe(known);
  const missing = await findBucket("wrong");
  expect(await expectFailure(Array.fromAsync(missing.listPrefix("x", {})))).toMatchObject({ code: "SOURCE_MISSING" });
});

test("deltalake reads from the bucket what was published there", async () => {
  await using project = await DataProject.create();
  const output = { dataset: "t", mode: "append", delta: { path: "s3://lake/judged/t", partitionBy: ["day"] } } as const;
  for (let run = 1; run <= 12; run += 1) {
    const sql = `select ${run} as id, 'é ${run}' as name, date '2026-01-01' + ${run} as day`;
    await project.publish({ sql, output });
  }
  const { endpoint, accessKeyId, secretAccessKey } = gateway.connection.s3;
  const deltalake = new DeltaRs(await ensureDeltaPython(), {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: "us-east-1",
    AWS_ALLOW_HTTP: "true",
  });
  const { version, rows } = await deltalake.read("s3://lake/judged/t");
  expect(version).toBe(11);
  expect(toPlainRows(rows)).toEqual(
    Array.from({ length: 12 }, (_, index) => ({
      id: index + 1,
      name: `é ${index + 1}`,
      day: new Date(Date.UTC(2026, 0, index + 2)).toISOString().slice(0, 10),
    })),
  );
});
