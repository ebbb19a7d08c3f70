// Checkpoints and watermarks as people see and change them, over a real store and a real worker.
import { describe, expect, it } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { formatRunId } from "../../../src/core/run-id.ts";
import { createRestFixture, type RestFixture } from "../../support/server/rest-fixture.ts";

/** Reads ten more at each run, and publishes what `daily` is made from. */
const reads = defineJob({
  name: "reads",
  outputs: ["orders"],
  async execute(ctx) {
    const from = await ctx.watermark().load();
    await ctx.watermark().advance((typeof from === "number" ? from : 0) + 10);
  },
});
const daily = defineJob({ name: "daily", inputs: ["orders"], outputs: ["per_day"], execute: () => 1 });
const other = defineJob({ name: "other", outputs: ["elsewhere"], execute: () => 1 });
const breaks = defineJob({
  name: "breaks",
  retry: { maxRetries: 0 },
  async execute(ctx) {
    await ctx.checkpoint.save({ page: 1 });
    await ctx.checkpoint.save({ page: 2, done: ["a", "b"] });
    throw new MillraceError("JOB_FAILED", "the third page is broken");
  },
});

const manyMarks = defineJob({
  name: "many",
  async execute(ctx) {
    for (const name of ["table b", "unit x", "table é", "table a"]) await ctx.watermark(name).advance(1);
  },
});

const job = { job_name: "reads" };
const reason = "the source was repaired";

describe("watermarks", () => {
  it("are shown with their history", async () => {
    await using fixture = await withRuns(2);
    const { items } = await fixture.call("listWatermarks", { params: job });
    expect(items).toMatchObject([
      {
        name: "default",
        tenant: "default",
        version: 2,
        value: 20,
        can_undo: false,
        history: [
          { version: 2, value: 20, run_id: "r2", by: null, reason: null },
          { version: 1, value: 10, run_id: "r1" },
        ],
      },
    ]);
    expect((await fixture.call("listWatermarks", { params: { job_name: "daily" } })).items).toEqual([]);
    expect((await fixture.refusal("listWatermarks", { params: { job_name: "raeds" } })).code).toBe("JOB_UNKNOWN");
  });

  it("are found by their name, a page at a time", async () => {
    await using fixture = await createRestFixture([manyMarks]);
    await fixture.startWorker([manyMarks]);
    await fixture.waitFor(await fixture.submit(manyMarks));
    const params = { job_name: "many" };
    const first = await fixture.call("listWatermarks", { params, query: { limit: "2" } });
    expect(first.items.map(({ name }) => name)).toEqual(["table a", "table b"]);
    const rest = await fixture.call("listWatermarks", { params, query: { cursor: String(first.next_cursor) } });
    expect([rest.items.map(({ name }) => name), rest.next_cursor]).toEqual([["table é", "unit x"], null]);
    const found = await fixture.call("listWatermarks", { params, query: { q: "UNIT" } });
    expect(found.items.map(({ name }) => name)).toEqual(["unit x"]);
    const refused = await fixture.refusal("listWatermarks", { params, query: { cursor: "r7" } });
    expect(refused.code).toBe("REQUEST_INVALID");
    const { items, summary } = await fixture.call("listJobUnits", { params });
    expect([items.map(({ key }) => key), summary.units]).toEqual([["x"], 1]);
  });

  it("say what a rewind means before it is done", async () => {
    await using fixture = await withRuns(4);
    const body = { name: "default", version: 4, value: 15, reason, preview: true };
    const change = await fixture.call("putWatermark", { params: job, body });
    expect(change).toMatchObject({ before: 40, after: 15, direction: "rewind", version: null });
    expect(change.affected_runs.map(({ run_id, from, to }) => [run_id, from, to])).toEqual([
      ["r4", 30, 40],
      ["r3", 20, 30],
      ["r2", 10, 20],
    ]);
    expect(change.affected_datasets).toEqual(["orders", "per_day"]);
    expect((await fixture.call("listWatermarks", { params: job })).items).toMatchObject([{ value: 40, version: 4 }]);
  });

  it("are rewound by a person, read again, and taken back", async () => {
    await using fixture = await withRuns(3);
    const body = { name: "default", version: 3, value: 5, reason };
    expect(await fixture.call("putWatermark", { params: job, body })).toMatchObject({
      version: 4,
      direction: "rewind",
    });
    const [rewound] = (await fixture.call("listWatermarks", { params: job })).items;
    expect(rewound).toMatchObject({
      value: 5,
      can_undo: true,
      history: [{ by: "ada", reason, run_id: null }, {}, {}, {}],
    });
    const undo = { name: "default", version: 4 };
    expect(await fixture.call("undoWatermark", { params: job, body: undo })).toMatchObject({
      before: 5,
      after: 30,
      direction: "skip",
      version: 5,
    });
    const [undone] = (await fixture.call("listWatermarks", { params: job })).items;
    expect(undone).toMatchObject({ value: 30, version: 5, can_undo: false });
    const again = await fixture.refusal("undoWatermark", { params: job, body: { name: "default", version: 5 } });
    expect(again.code).toBe("TRANSITION_INVALID");
    await fixture.waitFor(await fixture.submit(reads, { n: 9 }));
    expect((await fixture.call("listWatermarks", { params: job })).items).toMatchObject([{ value: 40, version: 6 }]);
  });

  it("are not written over a change that the caller did not see", async () => {
    await using fixture = await withRuns(2);
    const put = (version: number) =>
      fixture.refusal("putWatermark", { params: job, body: { name: "default", version, value: 1, reason } });
    for (const version of [0, 1, 3]) expect((await put(version)).code).toBe("VERSION_CONFLICT");
    const undo = { name: "default", version: 1 };
    expect((await fixture.refusal("undoWatermark", { params: job, body: undo })).code).toBe("VERSION_CONFLICT");
    const both = await Promise.allSettled(
      [3, 4].map((value) =>
        fixture.call("putWatermark", { params: job, body: { name: "default", version: 2, value, reason } }),
      ),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("stay where they are when they are set to where they are", async () => {
    await using fixture = await withRuns(1);
    const body = { name: "default", version: 1, value: 10, reason };
    const change = await fixture.call("putWatermark", { params: job, body });
    expect(change).toMatchObject({ direction: "none", version: 1, affected_runs: [], affected_datasets: [] });
  });

  it("of several tenants are told apart", async () => {
    await using fixture = await withRuns(1);
    const key = { job: "reads", tenant: "acme", name: "default" };
    await fixture.store.setWatermark({ ...key, seenVersion: 0, value: 7, by: "ann", reason });
    const body = { name: "default", version: 1, value: 3, reason };
    const unclear = await fixture.refusal("putWatermark", { params: job, body });
    expect(unclear.message).toContain("expected one of `acme`, `default`");
    const change = await fixture.call("putWatermark", { params: job, body: { ...body, tenant: "acme" } });
    expect(change).toMatchObject({ before: 7, after: 3, affected_runs: [] });
  });

  const bad: readonly [name: string, body: unknown, code: string][] = [
    ["nothing", {}, "REQUEST_INVALID"],
    ["no reason", { name: "default", version: 1, value: 1, reason: "  " }, "REQUEST_INVALID"],
    ["a key that nobody knows", { name: "default", version: 1, value: 1, reason, force: true }, "REQUEST_INVALID"],
    ["a list as a value", { name: "default", version: 1, value: [1], reason }, "REQUEST_INVALID"],
    ["a long value", { name: "default", version: 1, value: "x".repeat(1_001), reason }, "REQUEST_INVALID"],
    ["a value of another type", { name: "default", version: 1, value: "10", reason }, "VALUE_INVALID"],
    ["a version below zero", { name: "default", version: -1, value: 1, reason }, "REQUEST_INVALID"],
    ["another name", { name: "'; drop table watermark --", version: 1, value: 1, reason }, "THING_UNKNOWN"],
    ["another tenant", { name: "default", tenant: "__proto__", version: 1, value: 1, reason }, "THING_UNKNOWN"],
  ];

  it.each(bad)("refuse %s", async (_name, body, code) => {
    await using fixture = await withRuns(1);
    expect((await fixture.refusal("putWatermark", { params: job, body })).code).toBe(code);
    expect((await fixture.call("listWatermarks", { params: job })).items).toMatchObject([{ version: 1, value: 10 }]);
  });
});

describe("checkpoints", () => {
  const params = { job_name: "breaks" };

  it("are shown, changed after a look, and read by the next attempt", async () => {
    await using fixture = await createRestFixture([breaks]);
    await fixture.startWorker([breaks]);
    const runId = await fixture.submit(breaks);
    await fixture.waitFor(runId);
    const { items } = await fixture.call("listCheckpoints", { params });
    expect(items).toMatchObject([
      {
        run_id: formatRunId(runId),
        state: "ERROR",
        versions: [
          { version: 2, data: { page: 2, done: ["a", "b"] }, readable: true },
          { version: 1, data: { page: 1 } },
        ],
      },
    ]);
    const body = { run_id: formatRunId(runId), version: 2, data: { page: 2, done: ["a"], ["__proto__"]: 1 }, reason };
    const differences = [
      { path: "done.1", before: "b", after: null },
      { path: "__proto__", before: null, after: 1 },
    ];
    const preview = await fixture.call("putCheckpoint", { params, body: { ...body, preview: true } });
    expect(preview).toMatchObject({ differences, version: null });
    expect(await fixture.store.loadCheckpoints(runId)).toHaveLength(2);
    expect(await fixture.call("putCheckpoint", { params, body })).toMatchObject({ differences, version: 3 });
    const [newest] = await fixture.store.loadCheckpoints(runId);
    expect(JSON.stringify(newest?.data)).toBe('{"page":2,"done":["a"],"__proto__":1}');
    for (const preview of [false, true]) {
      const stale = await fixture.refusal("putCheckpoint", { params, body: { ...body, preview } });
      expect(stale.code).toBe("VERSION_CONFLICT");
    }
  });

  it("of runs that have finished, of other jobs, or that are too large are refused", async () => {
    await using fixture = await createRestFixture([breaks, other]);
    await fixture.startWorker([breaks, other]);
    const finished = await fixture.submit(other);
    await fixture.waitFor(finished);
    const failed = await fixture.submit(breaks);
    await fixture.waitFor(failed);
    const put = async (job_name: string, body: object) =>
      (await fixture.refusal("putCheckpoint", { params: { job_name }, body: { version: 0, data: 1, reason, ...body } }))
        .code;
    expect(await put("other", { run_id: formatRunId(finished) })).toBe("TRANSITION_INVALID");
    expect(await put("other", { run_id: formatRunId(finished), preview: true })).toBe("TRANSITION_INVALID");
    expect(await put("other", { run_id: formatRunId(failed) })).toBe("REQUEST_INVALID");
    expect(await put("breaks", { run_id: "r999" })).toBe("RUN_UNKNOWN");
    expect(await put("breaks", { run_id: "999" })).toBe("REQUEST_INVALID");
    expect(await put("breaks", { run_id: formatRunId(failed), data: "x".repeat(1_048_577) })).toBe("REQUEST_INVALID");
    expect(await put("breaks", { run_id: formatRunId(failed), data: undefined, reason: "" })).toBe("REQUEST_INVALID");
    expect((await fixture.refusal("listCheckpoints", { params: { job_name: "../.." } })).code).toBe("JOB_UNKNOWN");
  });
});

async function withRuns(count: number): Promise<RestFixture> {
  const fixture = await createRestFixture([reads, daily, other]);
  await fixture.startWorker([reads, daily, other]);
  for (let n = 0; n < count; n += 1) await fixture.waitFor(await fixture.submit(reads, { n }));
  return fixture;
}
