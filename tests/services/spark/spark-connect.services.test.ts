// The client of Spark Connect on a real Spark: rows and their types, errors, interrupts, connections that are cut, and the probes.
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openSpark } from "../../../src/app/connections/open-spark.ts";
import { assertTransform, prepareSession } from "../../../src/compute/spark/prepare-session.ts";
import { queryRows, readRows } from "../../../src/compute/spark/read-rows.ts";
import type { ConnectSession } from "../../../src/compute/spark/connect/connect-session.ts";
import { sqlPlan } from "../../../src/compute/spark/connect/connect-requests.ts";
import type { ExecutionProgress } from "../../../src/compute/spark/connect/connect-responses.ts";
import type { Clock } from "../../../src/core/clock.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { startCutProxy } from "../../support/spark/cut-proxy.ts";
import { sharedSparkConnect } from "./shared-spark.ts";
import type { SparkConnect } from "./spark-connect.ts";

let spark: SparkConnect;
let session: ConnectSession;

beforeAll(async () => {
  spark = await sharedSparkConnect();
});
afterAll(async () => {
  await spark[Symbol.asyncDispose]();
});
beforeEach(async () => {
  session = await spark.open();
  await prepareSession(session);
});
afterEach(async () => {
  await session[Symbol.asyncDispose]();
});

/** Takes about as long as it is told, in two tasks. */
const slowQuery = (seconds: number): string =>
  `select count(slept) as n from (select java_method('java.lang.Thread', 'sleep', ${seconds * 10}L + id * 0) as slept
    from range(0, 200, 1, 2))`;

test("values of every type come as rows of DuckDB do", async () => {
  expect(session.version).toBe("4.2.0");
  const [row] = await queryRows(
    session,
    `select true as bool, tinyint(-1) as tiny, 7 as whole, 9223372036854775807L as large, 0.5D as double, float(0.25) as single,
      cast('-12345678901234567890.123' as decimal(38, 3)) as exact, 'ü\\u0001' as text, X'00ff' as bytes, date'1582-01-01' as day,
      timestamp'2026-01-02 03:04:05.000006' as instant, timestamp_ntz'0001-01-01 00:00:00.5' as naive, null as nothing,
      array(1, null) as list, map('a', 1.50) as map, named_struct('x', 1, 'y', array(named_struct('z', date'2026-01-01'))) as struct,
      cast(null as decimal(10, 2)) as missing, interval '1' second as lasting`,
  );
  expect(row).toEqual({
    bool: true,
    tiny: -1,
    whole: 7,
    large: 9223372036854775807n,
    double: 0.5,
    single: 0.25,
    exact: "-12345678901234567890.123",
    text: "ü\u0001",
    bytes: Uint8Array.from([0, 255]),
    day: "1582-01-01",
    instant: "2026-01-02T03:04:05.000006Z",
    naive: "0001-01-01T00:00:00.5",
    nothing: null,
    list: [1, null],
    map: { a: "1.50" },
    struct: { x: 1, y: [{ z: "2026-01-01" }] },
    missing: null,
    lasting: 1_000_000n,
  });
});

test("columns that a row cannot hold are refused", async () => {
  const twice = await expectFailure(queryRows(session, "select 1 as a, 2 as a"));
  expect(twice).toMatchObject({ code: "SQL_INVALID", message: "expected each column of a result once, got: `a`" });
  expect((await expectFailure(queryRows(session, "select make_interval(1, 2) as i"))).code).toBe("SQL_INVALID");
});

test("statements that have an effect need one trip, and a result may be empty", async () => {
  await queryRows(session, "create or replace temp view pages as select id, id % 3 as kind from range(100)");
  expect(await queryRows(session, "select count(*) as n from pages where kind = 1")).toEqual([{ n: 33n }]);
  expect(await queryRows(session, "select * from pages where kind = 7")).toEqual([]);
});

test("400,000 rows come once each, while streams end every two seconds and the connection is cut four times", async () => {
  await using proxy = await startCutProxy(spark.port);
  await using other = await spark.open(proxy.port);
  const seen = { rows: 0, sum: 0n, cuts: 0 };
  for await (const rows of readRows(other, "select id, repeat('x', 100) as text from range(0, 400000, 1, 4)")) {
    seen.rows += rows.length;
    for (const { id } of rows) seen.sum += id as bigint;
    if (seen.rows > 80_000 * (seen.cuts + 1)) seen.cuts += proxy.cutAll() > 0 ? 1 : 0;
  }
  expect(seen).toEqual({ rows: 400_000, sum: 79_999_800_000n, cuts: 4 });
});

test("a quiet query outlives its streams, and tells how far it is", async () => {
  const told: ExecutionProgress[] = [];
  const rows = await queryRows(session, slowQuery(6), { onProgress: (progress) => told.push(progress) });
  expect(rows).toEqual([{ n: 200n }]);
  expect(told.some(({ tasks }) => tasks > 0)).toBe(true);
});

test("errors have a code, Spark's class and place, and no value of a row", async () => {
  const unknown = await expectFailure(queryRows(session, "select *\nfrom nowhere"));
  expect(unknown.code).toBe("SQL_INVALID");
  expect(unknown.message).toContain("TABLE_OR_VIEW_NOT_FOUND");
  expect((await expectFailure(queryRows(session, "selec 1"))).code).toBe("SQL_INVALID");
  const cast = await expectFailure(queryRows(session, "select int(text) as n from values ('secret') as t(text)"));
  expect(cast).toMatchObject({ code: "SQL_FAILED", details: { sparkClass: "CAST_INVALID_INPUT", sqlState: "22018" } });
  expect(JSON.stringify([cast.message, cast.details, String(cast.cause)])).not.toContain("secret");
  expect((await expectFailure(queryRows(session, "select 1 / 0"))).message).toContain("DIVIDE_BY_ZERO");
});

test("an interrupt stops a query, and its slots are free afterwards", async () => {
  const controller = new AbortController();
  const query = queryRows(session, slowQuery(60), {
    signal: controller.signal,
    onProgress: ({ runningTasks }) => {
      if (runningTasks > 0) controller.abort();
    },
  });
  expect((await expectFailure(query)).code).toBe("RUN_STOPPED");
  expect(await queryRows(session, "select count(*) as n from range(0, 10, 1, 2)")).toEqual([{ n: 10n }]);
});

test("an operation that somebody else interrupts says so", async () => {
  const operationId = randomUUID();
  const query = queryRows(session, slowQuery(60), {
    operationId,
    onProgress: ({ runningTasks }) => {
      if (runningTasks > 0) void session.interrupt(operationId);
    },
  });
  expect((await expectFailure(query)).code).toBe("OPERATION_INTERRUPTED");
  expect(await session.interrupt(operationId)).toBe(false);
});

test("another process reads an operation on, by the ids of session and operation", async () => {
  const operationId = randomUUID();
  const proxy = await startCutProxy(spark.port);
  const controller = new AbortController();
  const first = await spark.open(proxy.port, "", pausedAtFirstTry());
  const begun = Promise.withResolvers<void>();
  const lost = Array.fromAsync(
    first.execute(sqlPlan(slowQuery(5)), {
      operationId,
      signal: controller.signal,
      onProgress: () => begun.resolve(),
    }),
  );
  await begun.promise;
  await proxy[Symbol.asyncDispose]();
  const second = await spark.open(spark.port, `session_id=${first.sessionId}`);
  const results = await Array.fromAsync(second.reattach(operationId));
  expect(results.map((result) => result.kind === "batch" && result.rows)).toEqual([1]);
  expect((await expectFailure(Array.fromAsync(second.reattach(operationId)))).code).toBe("OPERATION_LOST");
  controller.abort();
  expect((await expectFailure(lost)).code).toBe("RUN_STOPPED");
  await second[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
});

/** A process that does nothing after its connection was cut, until its signal aborts; then it makes its last tries at once. */
function pausedAtFirstTry(): Clock {
  let pauses = 0;
  const system = createSystemClock();
  return {
    now: () => system.now(),
    sleep: async (ms, signal) => {
      const isWatch = ms > 100_000;
      pauses += isWatch ? 0 : 1;
      if (isWatch || pauses === 1) await system.sleep(600_000, signal);
    },
  };
}

test("the code of a job opens a session by its address, and reads rows as they come", async () => {
  await using opened = await openSpark({ address: `sc://127.0.0.1:${spark.port}` });
  expect(opened.version).toBe("4.2.0");
  await opened.execute("create temp view numbers as select id from range(25000)");
  const chunks: number[] = [];
  for await (const rows of opened.stream("select id from numbers")) chunks.push(rows.length);
  expect(chunks.reduce((sum, rows) => sum + rows)).toBe(25_000);
  expect(Math.max(...chunks)).toBeLessThanOrEqual(10_000);
  expect(await opened.query("select current_timezone() as zone")).toEqual([{ zone: "UTC" }]);
});

test("a session that was closed is lost", async () => {
  const first = await spark.open();
  const second = await spark.open(spark.port, `session_id=${first.sessionId}`);
  await first[Symbol.asyncDispose]();
  expect((await expectFailure(queryRows(second, "select 1"))).code).toBe("SESSION_LOST");
  await second[Symbol.asyncDispose]();
});

test("settings are brought into the state that rows rely on, and one that does not hold is told", async () => {
  const settings = await session.settings(["spark.sql.session.timeZone", "spark.sql.ansi.enabled", "spark.no.such"]);
  expect(Object.fromEntries(settings)).toEqual({
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
  });
});

test("executors run commands in `transform`, and have Node.js", async () => {
  await assertTransform(session);
});

test("a file of more than one part arrives whole", async () => {
  const bytes = Buffer.alloc(100_000, "millrace ");
  await session.addArtifact({ name: `files/${randomUUID()}.txt`, bytes });
});
