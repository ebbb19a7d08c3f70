// The contract of watermarks: runs move them forward under their fence, people anywhere, and nobody over a change that he did not see.
import { expect, test } from "vitest";
import type { WatermarkValue } from "../../../../src/core/dataset/watermark.ts";
import type { ClaimedRun, Json } from "../../../../src/store/rows/run-records.ts";
import type { Store } from "../../../../src/store/store.ts";
import type { WatermarkChange, WatermarkKey, WatermarkRecord } from "../../../../src/store/state/state-store.ts";
import { datasetOf } from "./settling.ts";
import { codeOf, createStoreFixture, type CreateStore, fenceOf, type StoreFixture } from "../store-fixture.ts";

const key: WatermarkKey = { job: "pages", tenant: "default", name: "default" };

export function describeWatermarks(createStore: CreateStore): void {
  test("a run moves a watermark forward, and says so in its history", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    expect(await fixture.store.findWatermark(key)).toBeUndefined();
    const first = await advance(fixture, run, "default", 10, 0);
    const person = { changedBy: undefined, reason: undefined, undoes: undefined };
    const atMs = fixture.clock.now();
    expect(first).toEqual({ ...key, version: 1, value: 10, atMs, runId: run.runId, ...person });
    fixture.clock.advance(5);
    const second = await advance(fixture, run, "default", 12.5, 1);
    expect(second).toMatchObject({ version: 2, value: 12.5, atMs: fixture.clock.now() });
    expect(await fixture.store.findWatermark(key)).toEqual(second);
    expect(await fixture.store.listWatermarkVersions(key, undefined, 10)).toEqual([second, first]);
    const events = await fixture.store.listEvents(run.runId, 0, 100);
    expect(events.filter(({ type }) => type === "watermark_advanced").map(({ data }) => data)).toEqual([
      { name: "default", from: null, to: 10 },
      { name: "default", from: 10, to: 12.5 },
    ]);
  });

  test("a run whose lease is gone moves nothing", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    const zombie = { ...fenceOf(run), epoch: run.epoch - 1 };
    expect(await codeOf(advance(fixture, zombie, "default", 1, 0))).toBe("RUN_LOST");
    await fixture.finish(run);
    expect(await codeOf(advance(fixture, run, "default", 1, 0))).toBe("RUN_LOST");
    expect(await fixture.store.findWatermark(key)).toBeUndefined();
  });

  test("a run moves it neither back nor to a value of another type, and where it is it stays", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    const at = await advance(fixture, run, "default", "2026-01-10T00:00:00.000Z", 0);
    if (at === undefined) throw new Error("it moved");
    for (const value of ["2026-01-09T23:59:59.999Z", 5, "", Number.NaN, "\u0000", "x".repeat(1_001)]) {
      expect(await codeOf(advance(fixture, run, "default", value, 1)), `${value}`).toBe("VALUE_INVALID");
    }
    expect(await codeOf(advance(fixture, run, "", "z", 1))).toBe("VALUE_INVALID");
    expect(await advance(fixture, run, "default", at.value, 1)).toEqual(at);
    expect(await fixture.store.listWatermarkVersions(key, undefined, 10)).toEqual([at]);
  });

  test("a full refresh moves it anywhere, and says so", async () => {
    await using fixture = await createStoreFixture(createStore);
    const before = await leasedRun(fixture);
    await advance(fixture, before, "default", 100, 0);
    await fixture.finish(before);
    await fixture.submit({ job: key.job, params: { $full_refresh: true } });
    const run = await fixture.claimOne(await fixture.worker());
    expect(await advance(fixture, run, "default", 40, 1)).toMatchObject({
      value: 40,
      reason: "full refresh",
    });
    expect(await advance(fixture, run, "default", "2026-01-01", 2)).toMatchObject({ version: 3 });
    expect(await fixture.store.verify()).toEqual([]);
  });

  test("datasets and watermarks are forgotten together, but not under a run of their job", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    await fixture.store.recordDataset(run, datasetOf(run.runId, "pages"));
    await fixture.store.recordDataset(run, datasetOf(run.runId, "others"));
    await advance(fixture, run, "default", 100, 0);
    const newest = [{ dataset: "pages", version: 1, runId: run.runId }];
    const request = { datasets: ["pages", "pages_quarantine"], jobs: [key.job], newest };
    expect(await codeOf(fixture.store.assertForgettable(request))).toBe("DATASET_RESET");
    expect(await codeOf(fixture.store.forgetDatasets(request))).toBe("DATASET_RESET");
    expect(await fixture.store.findDataset("pages")).toBeDefined();
    await fixture.finish(run);
    await fixture.store.assertForgettable(request);
    expect(await fixture.store.forgetDatasets(request)).toEqual({ versions: 1, watermarks: 1 });
    expect(await fixture.store.forgetDatasets(request)).toEqual({ versions: 0, watermarks: 0 });
    expect((await fixture.store.listDatasets()).map(({ dataset }) => dataset)).toEqual(["others"]);
    expect(await fixture.store.findWatermark(key)).toBeUndefined();
    expect(await fixture.store.verify()).toEqual([]);
  });

  test.each(["pages", "pages_quarantine"])(
    "nothing is forgotten once a run that nobody saw has published %s",
    async (name) => {
      await using fixture = await createStoreFixture(createStore);
      const first = await leasedRun(fixture);
      await fixture.store.recordDataset(first, datasetOf(first.runId, "pages"));
      await advance(fixture, first, "default", 100, 0);
      await fixture.finish(first);
      const newest = [{ dataset: "pages", version: 1, runId: first.runId }];
      const request = { datasets: ["pages", "pages_quarantine"], jobs: [key.job], newest };
      const second = await leasedRun(fixture);
      await fixture.store.recordDataset(second, datasetOf(second.runId, name));
      await fixture.finish(second);
      for (const refused of [request, { ...request, newest: [] }]) {
        expect(await codeOf(fixture.store.assertForgettable(refused))).toBe("DATASET_RESET");
        expect(await codeOf(fixture.store.forgetDatasets(refused))).toBe("DATASET_RESET");
      }
      expect(await fixture.store.findDataset("pages")).toBeDefined();
      expect(await fixture.store.findWatermark(key)).toBeDefined();
      const seen = (await fixture.store.listDatasets()).map(({ dataset, version, runId }) => ({
        dataset,
        version,
        runId,
      }));
      await fixture.store.forgetDatasets({ ...request, newest: seen });
      // versions count from 1 again, so that the number alone does not say which one it is
      const third = await leasedRun(fixture);
      await fixture.store.recordDataset(third, datasetOf(third.runId, "pages"));
      await fixture.finish(third);
      expect(await codeOf(fixture.store.forgetDatasets(request))).toBe("DATASET_RESET");
    },
  );

  test("texts compare by code units, whatever the language of the database", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    const values = ["A", "Z", "a", "z", "ä", "é", "\u{1f600}", "\uffee"];
    for (const [version, value] of values.entries()) {
      await advance(fixture, run, "default", value, version);
    }
    expect(await codeOf(advance(fixture, run, "default", "b", values.length))).toBe("VALUE_INVALID");
    expect((await fixture.store.findWatermark(key))?.value).toBe("\uffee");
  });

  test("texts that are instants move on with time, however they are written, and stay as they were given", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    // Forwards in time, and backwards as texts from the first to the second of each pair.
    const pairs = Array.from({ length: 50 }, (_, second) => {
      const time = `2026-01-01T00:00:${String(second).padStart(2, "0")}`;
      return [`${time}Z`, second % 2 === 0 ? `${time}.5Z` : `2025-12-31 19:00:${time.slice(17)}.5-05:00`] as const;
    });
    let version = 0;
    for (const [whole, half] of pairs) {
      expect((await advance(fixture, run, "default", whole, version))?.value).toBe(whole);
      expect((await advance(fixture, run, "default", half, version + 1))?.value).toBe(half);
      version += 2;
      expect(await codeOf(advance(fixture, run, "default", whole, version))).toBe("VALUE_INVALID");
    }
    // The same instant in other words is no new version.
    const same = await advance(fixture, run, "default", "2026-01-01T00:00:49.500Z", version);
    expect(same).toMatchObject({ version, value: pairs.at(-1)?.[1] });
  });

  test("what somebody changed since the run read it is not written over", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    await advance(fixture, run, "default", 100, 0);
    const rewound = await fixture.store.setWatermark(change({ seenVersion: 1, value: 40 }));
    expect(await codeOf(advance(fixture, run, "default", 110, 1))).toBe("WATERMARK_MOVED");
    expect(await codeOf(advance(fixture, run, "default", 110, 0))).toBe("WATERMARK_MOVED");
    expect(await fixture.store.findWatermark(key)).toEqual(rewound);
    expect(await advance(fixture, run, "default", 50, 2)).toMatchObject({ version: 3, value: 50 });
  });

  test("many move in one transaction, or none of them does", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    const names = Array.from({ length: 1_000 }, (_, index) => `unit ${String(index).padStart(4, "0")}`);
    const moves = names.map((name) => ({ name, value: "2026-01-01", seenVersion: 0 }));
    expect(await fixture.store.advanceWatermarks(run, moves)).toHaveLength(1_000);
    const listed = await fixture.store.listTenantWatermarks(key.job, key.tenant);
    expect(listed.map(({ name }) => name)).toEqual(names);
    const next = [
      { name: "unit 0000", value: "2026-01-02", seenVersion: 1 },
      { name: "unit 0001", value: "2026-01-01", seenVersion: 1 },
      { name: "new", value: 7, seenVersion: 0 },
    ];
    const stale = [...next, { name: "unit 0002", value: "2026-01-02", seenVersion: 0 }];
    expect(await codeOf(fixture.store.advanceWatermarks(run, stale))).toBe("WATERMARK_MOVED");
    const back = [...next, { name: "unit 0003", value: "2025-01-01", seenVersion: 1 }];
    expect(await codeOf(fixture.store.advanceWatermarks(run, back))).toBe("VALUE_INVALID");
    expect(await fixture.store.listTenantWatermarks(key.job, key.tenant)).toEqual(listed);
    const moved = await fixture.store.advanceWatermarks(run, next);
    expect(moved.map(({ name, version, value }) => [name, version, value])).toEqual([
      ["unit 0000", 2, "2026-01-02"],
      ["unit 0001", 1, "2026-01-01"],
      ["new", 1, 7],
    ]);
    const events = await fixture.store.listEvents(run.runId, 0, 100);
    expect(events.filter(({ type }) => type.startsWith("watermark")).map(({ data }) => data)).toEqual([
      { count: 1_000 },
      { name: "unit 0000", from: "2026-01-01", to: "2026-01-02" },
      { name: "new", from: null, to: 7 },
    ]);
  });

  test("units that failed in the newest runs of a job are told, the newest first", async () => {
    await using fixture = await createStoreFixture(createStore);
    const query = { job: key.job, loop: "source", limit: 10 };
    expect(await fixture.store.listUnitFailures(query)).toEqual([]);
    const failed = (unit: string, loop = "source") =>
      ({ loop, key: unit, state: "failed", error: `${unit} broke` }) as const;
    const first = await leasedRun(fixture);
    await fixture.store.saveUnits(first, [failed("a"), failed("b"), { loop: "source", key: "c", state: "done" }]);
    await fixture.finish(first);
    const second = await leasedRun(fixture);
    await fixture.store.saveUnits(second, [failed("b"), failed("d", "1")]);
    const found = await fixture.store.listUnitFailures(query);
    expect(found.map(({ key: unit, runId, error, tenant }) => [unit, runId, error, tenant])).toEqual([
      ["b", second.runId, "b broke", "default"],
      ["a", first.runId, "a broke", "default"],
      ["b", first.runId, "b broke", "default"],
    ]);
    expect(await fixture.store.listUnitFailures({ ...query, limit: 1 })).toHaveLength(1);
    expect(await fixture.store.listUnitFailures({ ...query, job: "other" })).toEqual([]);
  });

  test("what a run has read that ended in ERROR is found, until a run after it has read something", async () => {
    await using fixture = await createStoreFixture(createStore);
    const query = { job: key.job, tenant: key.tenant, step: "units:read" };
    const find = async () => await fixture.store.findUnfinishedRead(query);
    const readingRun = async (...parts: Json[]): Promise<ClaimedRun> => {
      const run = await leasedRun(fixture);
      const steps = parts.map((value, index) => ({ name: `units:read:${index}`, value }));
      const all = [
        ...steps.toReversed(),
        { name: "units:read", value: parts.length },
        { name: "units:readers", value: 1 },
      ];
      await fixture.store.saveSteps(all.map((step) => ({ ...fenceOf(run), ...step })));
      return run;
    };
    expect(await find()).toBeUndefined();
    const first = await readingRun([["default", 1]], [["unit a", "2026"]]);
    expect(await find()).toBeUndefined();
    await fixture.fail(first);
    const found = {
      runId: first.runId,
      createdAtMs: first.createdAtMs,
      parts: [[["default", 1]], [["unit a", "2026"]]],
    };
    expect(await find()).toEqual(found);
    // one that read nothing does not stand before it
    await fixture.fail(await leasedRun(fixture));
    expect(await find()).toEqual(found);
    expect(await fixture.store.findUnfinishedRead({ ...query, before: first.runId })).toBeUndefined();
    expect(await fixture.store.findUnfinishedRead({ ...query, tenant: "acme" })).toBeUndefined();
    expect(await fixture.store.findUnfinishedRead({ ...query, job: "other" })).toBeUndefined();
    await fixture.finish(await readingRun([["default", 2]]));
    expect(await find()).toBeUndefined();
  });

  test("a person sets it anywhere, with a reason, if nobody did so since", async () => {
    await using fixture = await createStoreFixture(createStore);
    const first = await fixture.store.setWatermark(change({ seenVersion: 0, value: 7 }));
    expect(first).toMatchObject({ version: 1, value: 7, runId: undefined, changedBy: "ann", reason: "read again" });
    for (const seenVersion of [0, 2]) {
      expect(await codeOf(fixture.store.setWatermark(change({ seenVersion, value: 9 })))).toBe("VERSION_CONFLICT");
    }
    expect(await codeOf(fixture.store.setWatermark(change({ seenVersion: 1, value: "9" })))).toBe("VALUE_INVALID");
    const back = await fixture.store.setWatermark(change({ seenVersion: 1, value: 3 }));
    const undone = await fixture.store.setWatermark(change({ seenVersion: 2, value: 7, undoes: 1 }));
    expect(undone).toMatchObject({ version: 3, value: 7, undoes: 1 });
    expect(await fixture.store.listWatermarkVersions(key, undefined, 10)).toEqual([undone, back, first]);
    expect(await fixture.store.listWatermarkVersions(key, 3, 1)).toEqual([back]);
    expect(await fixture.store.listWatermarkVersions({ ...key, job: "other" }, undefined, 10)).toEqual([]);
  });

  test("a job has one for each name and tenant", async () => {
    await using fixture = await createStoreFixture(createStore);
    const run = await leasedRun(fixture);
    await advance(fixture, run, "orders", 1, 0);
    await advance(fixture, run, "__proto__", 2, 0);
    await fixture.store.setWatermark(change({ seenVersion: 0, value: "x", tenant: "acme" }));
    await fixture.store.setWatermark(change({ seenVersion: 0, value: 9, job: "other" }));
    const listed = await fixture.store.listWatermarks("pages");
    expect(listed.map(({ tenant, name, value }) => [tenant, name, value])).toEqual([
      ["acme", "default", "x"],
      ["default", "__proto__", 2],
      ["default", "orders", 1],
    ]);
    expect(await fixture.store.listWatermarks("nobody")).toEqual([]);
  });

  test("of several who change the same version one does", async () => {
    await using fixture = await createStoreFixture(createStore);
    await using other = await fixture.underTest.open();
    for (let seenVersion = 0; seenVersion < 10; seenVersion += 1) {
      const attempts = [fixture.store, other, fixture.store].map((store, value) =>
        codeOf(store.setWatermark(change({ seenVersion, value }))),
      );
      const codes = (await Promise.all(attempts)).toSorted();
      expect(codes).toEqual(["VERSION_CONFLICT", "VERSION_CONFLICT", "no error"]);
    }
    expect(await fixture.store.findWatermark(key)).toMatchObject({ version: 10 });
  });
}

async function advance(
  { store }: StoreFixture,
  run: Parameters<Store["advanceWatermarks"]>[0],
  name: string,
  value: WatermarkValue,
  seenVersion: number,
): Promise<WatermarkRecord | undefined> {
  const [moved] = await store.advanceWatermarks(run, [{ name, value, seenVersion }]);
  return moved;
}

async function leasedRun(fixture: StoreFixture): ReturnType<StoreFixture["claimOne"]> {
  await fixture.submit({ job: key.job });
  return await fixture.claimOne(await fixture.worker());
}

function change(overrides: Pick<WatermarkChange, "seenVersion" | "value"> & Partial<WatermarkChange>): WatermarkChange {
  return { ...key, by: "ann", reason: "read again", ...overrides };
}
