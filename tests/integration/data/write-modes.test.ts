// Modes that go by time, as whole jobs have them: what the units of a run cover, what a plan says of it, and what becomes of rows that
// were set aside.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { integrationJob } from "../../../src/data/jobs/integration-job.ts";
import { sqlJob } from "../../../src/data/jobs/sql-job.ts";
import type { UnitOptions } from "../../../src/data/units/unit-options.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { january } from "../../conformance/target-row-modes.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { PageServer, type Respond } from "../../support/data/page-server.ts";

let project: TestProject;
let data: DataProject;
let server: PageServer;
let respond: Respond;
beforeEach(async () => {
  respond = () => ({ body: [] });
  server = await PageServer.start((request) => respond(request));
  project = await createTestProject({ now: "2026-01-05T12:00:00Z" });
  data = await DataProject.create();
});
afterEach(async () => {
  await project[Symbol.asyncDispose]();
  await data[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const byTime = { kind: "time", from: "2026-01-01", to: "2026-01-05", format: "date", granularity: "day" } as const;

const daily = { dataset: "orders", mode: "delete_insert", by: "day" } as const;
const history = { dataset: "orders", mode: "scd2", key: ["id"] } as const;

function orders(more: UnitOptions = {}, output: typeof daily | typeof history = daily): Job {
  return integrationJob({
    name: "orders",
    partition: "daily",
    watermark: byTime,
    source: { http: { url: server.url("/orders"), query: { day: "{{window.from}}" }, retry: { attempts: 1 } } },
    onEmpty: "ok",
    retry: { maxRetries: 0 },
    output: { ...output, duckdb: { path: "out/t.duckdb" } },
    ...more,
  });
}

async function ordersNow(): Promise<unknown> {
  return await project.query("select day::varchar as day, n from orders order by all", ["orders"]);
}

test("each part of time that is read takes the place of its rows, and a part that fails takes none", async () => {
  respond = ({ query }) => ({ body: [{ day: query.get("day"), n: 1 }] });
  await project.run(orders());
  respond = ({ query }) => (query.get("day") === "2026-01-03" ? { status: 400 } : { body: [] });
  const window = january(2, 4);
  await expect(project.run(orders(), { window })).rejects.toThrow("400");
  expect(await ordersNow()).toHaveLength(4);
  respond = ({ query }) =>
    query.get("day") === "2026-01-03"
      ? {
          body: [
            { day: "2026-01-03", n: 2 },
            { day: "2026-01-03", n: 3 },
          ],
        }
      : { body: [] };
  await project.run(orders(), { window });
  expect(await ordersNow()).toEqual([
    { day: "2026-01-01", n: 1n },
    { day: "2026-01-03", n: 2n },
    { day: "2026-01-03", n: 3n },
    { day: "2026-01-04", n: 1n },
  ]);
});

test("what units cover is replaced, by the clock of their zone where values have none", async () => {
  const output = { dataset: "t", mode: "delete_insert", by: "at" } as const;
  const hours = "select n, timestamp '2026-01-01 00:00:00' + n * interval 1 hour as at from range(0, 6) r(n)";
  await data.publish({ sql: hours, output }, { window: january(1) });
  // midnight to two o'clock in Berlin
  const windows = [
    { from: "2025-12-31T23:00:00.000Z", to: "2026-01-01T00:00:00.000Z" },
    { from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T01:00:00.000Z" },
  ];
  const reading = { covers: { windows, timezone: "Europe/Berlin" } };
  await data.publish({ sql: `${hours} where false`, output, reading }, { window: january(20) });
  expect(await data.rows("t", "select list(n::integer order by n) as n from t")).toEqual([{ n: [2, 3, 4, 5] }]);
});

test.each<[UnitOptions, string]>([
  [{ inputs: { shop: { role: "activation", values: ["a"] } } }, "expected `mode` of `output`"],
  [{ partition: "none", watermark: { kind: "cursor", field: "n" } }, "expected `mode` of `output`"],
  [{ watermark: { kind: "time", from: "2026-01-01", format: "date" } }, "expected `format` of `watermark`"],
])("a job whose runs do not read all of a window cannot replace it: %j", (more, message) => {
  expect(() => orders(more)).toThrow(message);
});

test("a history of parts of time is read one part a run, the oldest first, also after one that failed", async () => {
  const job = orders({ maxUnitsPerRun: 1 }, history);
  const asked = (): (string | undefined)[] => server.lines.map((line) => line.split("=").at(-1));
  let isDown = true;
  respond = ({ query }) => {
    const day = query.get("day") ?? "";
    return isDown && day === "2026-01-02" ? { status: 400 } : { body: [{ id: 1, city: day }] };
  };
  for (let run = 0; run < 3; run += 1) await project.run(job, { onFailure: "return" });
  expect(asked()).toEqual(["2026-01-01", "2026-01-02", "2026-01-02"]);
  isDown = false;
  for (let run = 0; run < 3; run += 1) await project.run(job);
  expect(asked().slice(3)).toEqual(["2026-01-02", "2026-01-03", "2026-01-04"]);
  const versions = await project.query(
    "select city, valid_from::date::varchar as since, valid_to is null as holds from orders order by valid_from",
    ["orders"],
  );
  expect(versions).toEqual([
    { city: "2026-01-01", since: "2026-01-02", holds: false },
    { city: "2026-01-02", since: "2026-01-03", holds: false },
    { city: "2026-01-03", since: "2026-01-04", holds: false },
    { city: "2026-01-04", since: "2026-01-05", holds: true },
  ]);
});

test("parts of time that would be versions of one moment are refused, by a definition and by a run", async () => {
  expect(() => orders({}, history)).toThrow("expected `maxUnitsPerRun` of job `orders` to be `1`");
  expect(() => orders({ maxUnitsPerRun: 2 }, history)).toThrow("expected `maxUnitsPerRun`");
  const late = { maxUnitsPerRun: 1, watermark: { ...byTime, grace: "1d" } } as const;
  expect(() => orders(late, history)).toThrow("expected `grace` of `watermark`");
  orders({ partition: "none", watermark: { ...byTime, grace: "1d" } }, history);
  const job = orders({ maxUnitsPerRun: 1 }, history);
  for (const asked of [{ window: january(1, 3) }, { isFullRefresh: true }]) {
    const { error } = await project.run(job, { ...asked, onFailure: "return" });
    expect(error).toMatchObject({ code: "PARAMS_INVALID", hint: expect.stringContaining("one part") as string });
  }
  expect(server.requests).toEqual([]);
});

test("a plan says which rows give way, and takes its own columns for no others", async () => {
  const [planned] = await project.plan(orders(), { window: january(1, 3) });
  expect(planned?.plan?.notes).toEqual([
    "rows whose `day` is from `2026-01-01T00:00:00.000Z` to before `2026-01-03T00:00:00.000Z` give way",
  ]);
  const customers = sqlJob({
    name: "customers",
    inputs: [],
    sql: "select 1 as id",
    output: { dataset: "customers", mode: "scd2", key: ["id"], absent: "close" },
  });
  await project.run(customers, { window: january(1) });
  const [versions] = await project.plan(customers, { window: january(1, 3) });
  expect(versions?.plan?.notes).toEqual([
    "versions begin and end at `2026-01-03 00:00:00.000000Z`, and versions of keys that do not come end",
  ]);
  expect(versions?.plan?.output.columns).toEqual({ added: [], missing: [] });
});

const checks = [{ notNull: ["name"], severity: "quarantine", name: "named" }] as const;

test("rows of a window that were set aside go with its rows, and those of other windows stay", async () => {
  const output = { dataset: "t", mode: "delete_insert", by: "day" } as const;
  const day = (number: number, name: string): string =>
    `select ${number} as id, date '2026-01-0${number}' as day, ${name} as name`;
  const none = "cast(null as varchar)";
  await data.publish({ sql: day(1, none), output, checks }, { window: january(1) });
  await data.publish({ sql: day(2, none), output, checks }, { window: january(2) });
  await data.publish({ sql: day(2, "'now known'"), output, checks }, { window: january(2) });
  expect(await data.rows("t_quarantine", "select id from t_quarantine")).toEqual([{ id: 1 }]);
  const released = await release("t");
  expect(released).toMatchObject({ rows: 1, dataset: { rowCount: 2 } });
});

test("a column that is to be ignored and is not there is told, with the one that was meant", async () => {
  const output = { dataset: "h", mode: "scd2", key: ["id"], ignore: ["SEEN_AT", "sen_at"] } as const;
  const { warnings } = await data.publish({ sql: "select 1 as id, 2 as seen_at", output });
  expect(warnings).toEqual([expect.stringMatching(/`h` has no column `sen_at`.*`seen_at`/)]);
});

test("rows of no window are set aside once, however often the window is filled", async () => {
  const output = { dataset: "t", mode: "delete_insert", by: "day" } as const;
  const whole = [{ notNull: ["day"], severity: "quarantine" }, ...checks] as const;
  const sql = `select * from (values (1, date '2026-01-01', 'good'), (2, null, 'none'), (2, null, 'none'),
    (3, date '2026-01-09', null)) v(id, day, name)`;
  const held = (): Promise<unknown> => data.rows("t_quarantine", "select id, name from t_quarantine order by all");
  for (let times = 0; times < 3; times += 1) {
    await data.publish({ sql, output, checks: whole }, { window: january(1) });
    expect(await held()).toEqual([
      { id: 2, name: "none" },
      { id: 2, name: "none" },
      { id: 3, name: null },
    ]);
  }
  const other = "select 4 as id, cast(null as date) as day, 'new' as name";
  await data.publish({ sql: other, output, checks: whole }, { window: january(2) });
  expect(await held()).toHaveLength(4);
});

test.each([
  { mode: "merge", key: ["number"] },
  { mode: "delete_insert", by: "day" },
] satisfies Omit<DatasetOutput, "dataset">[])(
  "rows that steps set aside are told apart by what they were: %j",
  async (mode) => {
    const convert = [{ cast: { n: "INTEGER" }, onError: "quarantine" }, { rename: { n: "number" } }] as const;
    for (const n of ["one", "two", "one"]) {
      await data.write("in.csv", `n,at\n${n},2026-01-01\n`);
      const source = { file: { path: "in.csv", csv: { types: { n: "VARCHAR" } } } } as const;
      await data.publish({
        source,
        convert: [...convert, { derive: { day: null } }, { cast: { day: "DATE" } }],
        output: { dataset: "t", ...mode },
        onEmpty: "ok",
      });
    }
    const kept = await data.rows("t_quarantine", "select _quarantine_row->>'n' as n from t_quarantine order by 1");
    expect(kept).toEqual([{ n: "one" }, { n: "two" }]);
  },
);

async function release(dataset: string): Promise<unknown> {
  const version = data.versions(`${dataset}_quarantine`).length;
  return await data.attempt().quarantine.release({ dataset, version });
}

test("a row that is let into a history holds from then on, and one of a snapshot stays with its moment", async () => {
  const sql = "select id, name from (values (1, 'one'), (2, null)) v(id, name)";
  const declared = [{ notNull: ["name"], severity: "quarantine", name: "named" }] as const;
  await data.publish(
    { sql, output: { dataset: "h", mode: "scd2", key: ["id"] }, checks: declared },
    { window: january(1) },
  );
  await data.write("s.ndjson", '{"id":1,"name":"one"}\n{"id":2,"name":null}\n');
  const convert = [{ rename: { id: "n" } }];
  const output = { dataset: "s", mode: "snapshot" } as const;
  await data.publish(
    { source: { file: { path: "s.ndjson" } }, convert, output, checks: declared },
    { window: january(1) },
  );
  expect(data.versions("s").at(-1)?.schema).toMatchObject([{ from: ["id"] }, {}, { name: "snapshot_at", from: [] }]);
  await release("h");
  await release("s");
  const from = "2026-01-02T00:00:00Z";
  expect(await data.rows("s", "select n::integer as id, snapshot_at from s order by n")).toEqual([
    { id: 1, snapshot_at: from },
    { id: 2, snapshot_at: from },
  ]);
  const history = await data.rows("h", "select id, valid_from, valid_to from h order by id");
  expect(history).toMatchObject([
    { id: 1, valid_from: from, valid_to: null },
    { id: 2, valid_to: null },
  ]);
  expect(history[1]?.["valid_from"]).not.toBe(from);
});

test("an older run that covers the same rows after a newer one puts its own in their place, and says so", async () => {
  const output = { dataset: "t", mode: "delete_insert", by: "day" } as const;
  const rows = (name: string): string => `select date '2026-01-01' as day, '${name}' as name`;
  await data.publish({ sql: rows("newer"), output }, { runId: 8, window: january(1) });
  const { warnings } = await data.publish({ sql: rows("older"), output }, { runId: 7, window: january(1) });
  expect(warnings.join()).toContain("run `r8`, submitted later, published to dataset `t` before this run did");
  expect(await data.rows("t", "select name from t")).toEqual([{ name: "older" }]);
});

test("a sample of a history is rows alone, and does not touch it", async () => {
  const output = { dataset: "customers", mode: "scd2", key: ["id"] } as const;
  const customers = sqlJob({ name: "customers", inputs: [], sql: "select unnest(range(9)) as id", output });
  await project.run(customers, { window: january(1) });
  await project.run(customers, { window: january(2), params: { $limit: 3 } });
  expect(await project.query("select count(*)::int as n from customers", ["customers"])).toEqual([{ n: 9 }]);
  expect(await project.query("select * from customers__sample limit 1", ["customers__sample"])).toEqual([{ id: 0n }]);
});
