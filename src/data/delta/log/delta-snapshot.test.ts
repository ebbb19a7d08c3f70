import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { publish } from "../../../../tests/support/data/delta-publish.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { createDuckDbEngine } from "../../../compute/duckdb/duckdb-engine.ts";
import { type Engine, type EngineSession, quoteLiteral } from "../../../compute/engine.ts";
import type { Action } from "./delta-actions.ts";
import { readCheckpoint } from "./delta-checkpoint.ts";
import { listLog } from "./delta-log.ts";
import { deltaRelation, openDeltaSnapshot } from "../delta-table.ts";

const folder = useTemporaryFolder("delta-snapshot");
let engine: Engine;
let session: EngineSession;
let table: string;

beforeAll(() => {
  engine = createDuckDbEngine({ threads: 2, memoryLimit: "1GB" });
});
beforeEach(async () => {
  session = await engine.open();
  table = join(folder(), randomUUID());
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
});

function logFile(name: string): string {
  return join(table, "_delta_log", name);
}

function commitName(version: number): string {
  return `${String(version).padStart(20, "0")}.json`;
}

/** A log written by hand. */
async function writeLog(...commits: readonly (readonly unknown[])[]): Promise<void> {
  await mkdir(logFile(""), { recursive: true });
  for (const [version, actions] of commits.entries()) {
    await writeFile(logFile(commitName(version)), actions.map((action) => JSON.stringify(action)).join("\n"));
  }
}

const plain = { protocol: { minReaderVersion: 1, minWriterVersion: 2 } };

function metaData(extra: Record<string, unknown> = {}, type = "long"): unknown {
  const field = { name: "id", type, nullable: true, metadata: {} };
  const schemaString = JSON.stringify({ type: "struct", fields: [field] });
  const format = { provider: "parquet", options: {} };
  return { metaData: { id: "t", format, schemaString, partitionColumns: [], configuration: {}, ...extra } };
}

async function open(version?: number): ReturnType<typeof openDeltaSnapshot> {
  return await openDeltaSnapshot(table, { session, ...(version === undefined ? {} : { version }) });
}

async function rowCount(version?: number): Promise<unknown> {
  const [row] = await session.query(`SELECT count(*) AS n FROM (${await deltaRelation(session, await open(version))})`);
  return row?.["n"];
}

test("a folder without a log is no table", async () => {
  expect(await expectFailure(open())).toMatchObject({
    code: "SOURCE_MISSING",
    message: `there is no Delta table at \`${table}\``,
  });
});

test("a commit missing in the middle is an error that names it", async () => {
  for (let id = 0; id < 4; id += 1) await publish(session, table, `select ${id} as id`);
  await rm(logFile(commitName(2)));
  expect(await expectFailure(open())).toMatchObject({
    code: "DELTA_CORRUPT",
    message: `the log of \`${table}\` has no commit for version \`2\``,
  });
  expect(await rowCount(1)).toBe(2n);
});

test("a commit that is not JSON is an error with its file and line", async () => {
  await publish(session, table, "select 1 as id");
  await writeFile(logFile(commitName(1)), '{"commitInfo":{}}\n{"add":');
  expect(await expectFailure(open())).toMatchObject({
    code: "DELTA_CORRUPT",
    message: `\`${logFile(commitName(1))}\` line 2 is not valid JSON`,
  });
});

test("a log without a protocol or a schema is an error", async () => {
  await writeLog([metaData()]);
  expect((await expectFailure(open())).message).toBe(`the log of \`${table}\` has no \`protocol\` action`);
  await writeLog([plain]);
  expect((await expectFailure(open())).message).toBe(`the log of \`${table}\` has no \`metaData\` action`);
});

test("a table that was made before its columns were known has those of its newest version", async () => {
  await writeLog([plain, metaData({ schemaString: undefined })]);
  expect(await expectFailure(open())).toMatchObject({ code: "DELTA_CORRUPT" });
  await writeFile(logFile(commitName(1)), JSON.stringify(metaData()));
  expect((await open()).schema.fields).not.toEqual([]);
});

test("a version that is not there is refused with the range", async () => {
  await publish(session, table, "select 1 as id");
  expect(await expectFailure(open(7))).toMatchObject({
    code: "VALUE_INVALID",
    message: `expected a version of \`${table}\` from 0 to 0, got: \`7\``,
  });
});

test("every tenth commit has a checkpoint, after which the earlier commits are not needed", async () => {
  for (let id = 0; id < 23; id += 1) {
    await publish(session, table, `select ${id} as id, ${id % 2} as p`, { partitionBy: ["p"] });
  }
  await publish(session, table, "select 100 as id, 0 as p", { partitionBy: ["p"], mode: "replace", runId: "last" });
  expect(JSON.parse(await readFile(logFile("_last_checkpoint"), "utf8"))).toMatchObject({
    version: 20,
    numOfAddFiles: 21,
  });
  expect((await listLog(table)).checkpoints.map((checkpoint) => checkpoint.version)).toEqual([10, 20]);
  for (let version = 0; version <= 20; version += 1) await rm(logFile(commitName(version)));
  expect(await rowCount(20)).toBe(21n);
  expect(await rowCount()).toBe(1n);
  expect((await expectFailure(open(15))).message).toBe(`the log of \`${table}\` has no commit for version \`11\``);
  const snapshot = await open();
  expect(snapshot.tombstones).toHaveLength(23);
  expect(snapshot.transactions).toHaveLength(24);
});

test("a checkpoint in several parts is read, and one that lacks a part is not used", async () => {
  for (let id = 0; id < 11; id += 1) await publish(session, table, `select ${id} as id`);
  const whole = logFile(`${commitName(10).slice(0, 20)}.checkpoint.parquet`);
  const parts = [1, 2].map((part) => whole.replace(".parquet", `.000000000${part}.0000000002.parquet`));
  for (const [index, part] of parts.entries()) {
    await session.execute(
      `COPY (SELECT * EXCLUDE (n) FROM (SELECT *, row_number() OVER () AS n FROM read_parquet(${quoteLiteral(whole)})) WHERE n % 2 = ${index}) TO ${quoteLiteral(part)} (FORMAT parquet)`,
    );
  }
  await rm(whole);
  for (let version = 0; version <= 9; version += 1)
    await rename(logFile(commitName(version)), logFile(`kept-${version}`));
  expect(await rowCount()).toBe(11n);
  await rm(parts[1] ?? "");
  expect((await expectFailure(open())).message).toBe(`the log of \`${table}\` has no commit for version \`0\``);
});

test("a checkpoint holds every kind of action with its values", async () => {
  for (let id = 0; id < 10; id += 1) await publish(session, table, `select ${id} as id`, { runId: `run-${id}` });
  await publish(session, table, "select 'x' as name", { mode: "replace" });
  const { checkpoints } = await listLog(table);
  const [checkpoint] = checkpoints;
  if (checkpoint === undefined) throw new Error("expected a checkpoint");
  const actions: Action[] = await readCheckpoint(session, checkpoint);
  const count = (kind: keyof Action): number => actions.filter((action) => action[kind]).length;
  expect([count("protocol"), count("metaData"), count("txn"), count("remove"), count("add")]).toEqual([
    1, 1, 11, 10, 1,
  ]);
  const snapshot = await open();
  expect(actions.find((action) => action.add)?.add).toMatchObject({ ...snapshot.files[0], dataChange: false });
  expect(actions.find((action) => action.remove)?.remove?.deletionTimestamp).toBeGreaterThan(1.6e12);
});

test("a checkpoint keeps what another application recorded long ago, and forgets runs of that age", async () => {
  const lastUpdated = Date.now() - 40 * 24 * 60 * 60 * 1000;
  const txns = ["spark-stream", "millrace:r1-old"].map((appId) => ({ txn: { appId, version: 7, lastUpdated } }));
  await writeLog([plain, metaData(), ...txns]);
  for (let id = 1; id <= 10; id += 1) await publish(session, table, `select ${id}::bigint as id`);
  for (let version = 0; version <= 9; version += 1) await rm(logFile(commitName(version)));
  const { transactions } = await open();
  expect(transactions.filter(({ version }) => version === 7)).toEqual([
    { appId: "spark-stream", version: 7, lastUpdated },
  ]);
});

test.each([
  ["variantType", { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["deletionVectors", "variantType"] }],
  ["catalogManaged", { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["catalogManaged"] }],
  ["madeUpLater", { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["madeUpLater"] }],
  ["reader version 4", { minReaderVersion: 4, minWriterVersion: 8 }],
])("a table that needs %s is refused by name", async (feature, protocol) => {
  await writeLog([{ protocol }, metaData()]);
  const error = await expectFailure(open());
  expect(error).toMatchObject({
    code: "DELTA_UNSUPPORTED",
    message: `cannot read \`${table}\`: the table needs \`${feature}\``,
  });
  expect(error.hint).toBeDefined();
});

test("features that say nothing to a reader are read over", async () => {
  const writerFeatures = ["rowTracking", "domainMetadata", "clustering", "icebergCompatV2", "inCommitTimestamp"];
  const protocol = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["vacuumProtocolCheck"],
    writerFeatures,
  };
  await writeLog([{ protocol }, metaData()]);
  expect(await rowCount()).toBe(0n);
});

test("a mode of column mapping that is not known is refused", async () => {
  await writeLog([plain, metaData({ configuration: { "delta.columnMapping.mode": "position" } })]);
  expect((await expectFailure(open())).message).toContain("got: `position`");
});

test("a file outside the table or in another store is refused", async () => {
  const add = { partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
  await writeLog([plain, metaData(), { add: { ...add, path: "../../secret.parquet" } }]);
  const outside = await open();
  await expect(deltaRelation(session, outside)).rejects.toThrow("names a file outside it");
  await writeLog([plain, metaData(), { add: { ...add, path: "s3://bucket/a.parquet" } }]);
  const elsewhere = await open();
  await expect(deltaRelation(session, elsewhere)).rejects.toThrow("refers to a file in another store");
});

test.each([
  ["changeDataFeed", { "delta.enableChangeDataFeed": "true" }, {}],
  ["checkConstraints", { "delta.constraints.positive": "id > 0" }, {}],
  ["icebergCompatV2", { "delta.enableIcebergCompatV2": "true" }, {}],
  ["generatedColumns", {}, { "delta.generationExpression": "1 + 1" }],
  ["identityColumns", {}, { "delta.identity.start": 1 }],
  ["allowColumnDefaults", {}, { CURRENT_DEFAULT: "1" }],
])(
  "a merge into a table that uses %s is refused, and one into a table that merely could use it is not",
  async (feature, configuration, metadata) => {
    const key = { mode: "merge", key: ["id"] } as const;
    const field = { name: "id", type: "long", nullable: true, metadata };
    const schemaString = JSON.stringify({ type: "struct", fields: [field] });
    for (const minWriterVersion of [6, 7]) {
      const writerFeatures = minWriterVersion === 7 ? { writerFeatures: [feature] } : {};
      const protocol = { minReaderVersion: 1, minWriterVersion, ...writerFeatures };
      await writeLog([{ protocol }, metaData({ configuration, schemaString })]);
      const error = await expectFailure(publish(session, table, "select 1::bigint as id", key));
      expect(error.message).toBe(`cannot write \`${table}\`: the table needs \`${feature}\``);
      await writeLog([{ protocol }, metaData()]);
      expect((await publish(session, table, "select 1::bigint as id", key)).rowCount).toBe(1);
      await rm(table, { recursive: true });
    }
  },
);

test.each(["rowTracking", "clustering", "materializePartitionColumns", "madeUpLater"])(
  "a table with %s takes no rows, whatever its metadata says",
  async (feature) => {
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["appendOnly", feature] };
    await writeLog([{ protocol }, metaData()]);
    const error = await expectFailure(publish(session, table, "select 1::bigint as id"));
    expect(error.message).toBe(`cannot write \`${table}\`: the table needs \`${feature}\``);
  },
);

test("a table that keeps its changes takes rows as long as none that stays is written again", async () => {
  const protocol = { minReaderVersion: 1, minWriterVersion: 4 };
  await writeLog([{ protocol }, metaData({ configuration: { "delta.enableChangeDataFeed": "true" } })]);
  await publish(session, table, "select 1::bigint as id");
  await publish(session, table, "select 2::bigint as id", { mode: "insert_only", key: ["id"] });
  await publish(session, table, "select unnest([3, 4, 5])::bigint as id", { mode: "replace" });
  expect(await rowCount()).toBe(3n);
});

test("an append-only table takes appends and nothing else, and a required column takes no null", async () => {
  const field = { name: "id", type: "long", nullable: false, metadata: {} };
  const schemaString = JSON.stringify({ type: "struct", fields: [field] });
  await writeLog([plain, metaData({ schemaString, configuration: { "delta.appendOnly": "true" } })]);
  await publish(session, table, "select 1::bigint as id");
  const replace = publish(session, table, "select 2::bigint as id", { mode: "replace" });
  expect((await expectFailure(replace)).code).toBe("TARGET_UNSUPPORTED");
  const empty = publish(session, table, "select null::bigint as id");
  expect((await expectFailure(empty)).message).toBe("the table allows no null here, got: `id`");
  expect(await rowCount()).toBe(1n);
});
