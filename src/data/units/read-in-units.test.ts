import { expect, test } from "vitest";
import type { WatermarkValue } from "../../core/dataset/watermark.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext, UnitsRead } from "../../core/job/job-context.ts";
import { prepareUnits, type UnitRun } from "./read-in-units.ts";
import type { UnitOptions } from "./unit-options.ts";

/** What outlives an attempt. */
class Store {
  readonly watermarks = new Map<string, WatermarkValue>();
  read: UnitsRead | undefined;
  readonly steps = new Map<string, unknown>();
  /** Whether the process dies before watermarks move. */
  dies = false;

  /** A new run forgets what the one before has read, and its steps. */
  beginRun(): void {
    this.read = undefined;
    this.steps.clear();
  }

  context(more: Partial<JobContext> = {}): JobContext {
    const context: Partial<JobContext> = {
      params: {},
      config: {},
      window: undefined,
      run: { isFullRefresh: false } as JobContext["run"],
      units: {
        load: () => Promise.resolve(new Map(this.watermarks)),
        startOfReading: () => "2026-01-10T00:00:00.000Z",
        loadRead: () => Promise.resolve(this.read),
        findUnfinished: () => Promise.resolve(undefined),
        saveRead: async (units, ends) => {
          const done = units.filter(({ error }) => error === undefined).map(({ key }) => key);
          this.read = { units: new Set(done), ends };
        },
        advance: async (values) => {
          if (this.dies) throw new Error("the process has died");
          for (const [name, value] of values) this.watermarks.set(name, value);
        },
      },
      step: (async (name: string, work: () => unknown) => {
        if (!this.steps.has(name)) this.steps.set(name, await work());
        return this.steps.get(name);
      }) as JobContext["step"],
      ...more,
    };
    return context as JobContext;
  }
}

const options: UnitOptions = {
  partition: "daily",
  watermark: { kind: "time", from: "2026-01-01", to: "2026-01-04", format: "date" },
};

function days(run: UnitRun): unknown[] {
  return (run.reading.units ?? []).map(({ variables }) => (variables["window"] as { readonly from: string }).from);
}

/** Reads all units but those named, as a source would, and tells the run. */
async function read(run: UnitRun, failing: readonly string[] = []): Promise<void> {
  const outcomes = (run.reading.units ?? []).map(({ key }) => ({
    key,
    status: failing.some((day) => key.startsWith(day)) ? ("failed" as const) : ("read" as const),
    rows: 1,
    ...(failing.some((day) => key.startsWith(day)) ? { error: new MillraceError("SOURCE_UNREADABLE", "broken") } : {}),
  }));
  await run.reading.onRead?.(outcomes);
}

test("a later attempt reads all that an earlier one may have published, or fails as a whole", async () => {
  const store = new Store();
  const first = await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" });
  expect(first.reading.isWhole).toBeUndefined();
  await read(first);
  const second = await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" });
  expect([days(second), second.reading.isWhole]).toEqual([days(first), true]);
  store.beginRun();
  expect(
    (await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" })).reading.isWhole,
  ).toBeUndefined();
});

test("units that were read are fixed before they are published, so that a later attempt reads no others", async () => {
  const store = new Store();
  const first = await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" });
  expect(days(first)).toEqual(["2026-01-01", "2026-01-02", "2026-01-03"]);
  // published, and dead before watermarks moved
  await read(first, ["2026-01-02"]);
  store.dies = true;
  await expect(first.finish()).rejects.toThrow("died");
  store.dies = false;
  const second = await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" });
  expect(days(second)).toEqual(["2026-01-01", "2026-01-03"]);
  await read(second);
  await second.finish();
  store.beginRun();
  expect(days(await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" }))).toEqual([
    "2026-01-02",
  ]);
});

test("nothing moves before rows were published", async () => {
  const store = new Store();
  await read(await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" }));
  expect(store.watermarks).toEqual(new Map());
});

test("a range that grows is read on from where it was read to", async () => {
  const store = new Store();
  for (const to of ["2026-01-04", "2026-01-06"]) {
    store.beginRun();
    const watermark = { kind: "time", from: "2026-01-01", to, format: "date" } as const;
    const run = await prepareUnits(store.context(), { watermark }, { dataset: "rows", mode: "append" });
    await read(run);
    await run.finish();
    if (to === "2026-01-06") expect(days(run)).toEqual(["2026-01-04"]);
  }
  expect(store.watermarks.get("default")).toBe("2026-01-06T00:00:00.000Z");
});

test("a long key has a watermark of its own", async () => {
  const store = new Store();
  const rows = ["x", "y"].map((end) => ({ id: `${"k".repeat(300)}${end}` }));
  const given = store.context({ sql: (() => Promise.resolve(rows)) as unknown as JobContext["sql"] });
  const inputs = { accounts: { dataset: "accounts", role: "activation", key: "id" } } as const;
  const run = await prepareUnits(given, { ...options, partition: "none", inputs }, { dataset: "rows", mode: "append" });
  await read(run);
  await run.finish();
  expect(store.watermarks.size).toBe(2);
  expect([...store.watermarks.keys()].every((name) => name.length <= 200)).toBe(true);
});

test("a unit that failed stays where it was", async () => {
  const store = new Store();
  const run = await prepareUnits(store.context(), options, { dataset: "rows", mode: "append" });
  await read(run, ["2026-01-02"]);
  await run.finish();
  expect(store.watermarks.size).toBe(2);
});
