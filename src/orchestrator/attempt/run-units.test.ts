import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { UnitRecord } from "../../store/rows/run-records.ts";
import { type RunUnitsInput, runUnits } from "./run-units.ts";

interface Fixture {
  readonly saved: UnitRecord[];
  readonly worked: string[];
  readonly input: RunUnitsInput<string>;
}

function fixture(
  items: Iterable<string>,
  options: Partial<RunUnitsInput<string>["options"]> = {},
  saved: UnitRecord[] = [],
): Fixture {
  const worked: string[] = [];
  const before = [...saved];
  const input: RunUnitsInput<string> = {
    items,
    options: { key: (item) => item, ...options },
    work: async (item) => {
      worked.push(item);
      await Promise.resolve();
      if (item.startsWith("bad")) throw new Error(`no ${item}`);
    },
    store: {
      load: () => Promise.resolve(before),
      save: async (units) => void saved.push(...units),
    },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    beforeEach: () => undefined,
  };
  return { saved, worked, input };
}

test("another attempt does only what is not done", async () => {
  const { worked, input } = fixture(["a", "b", "c"], {}, [
    { key: "a", state: "done" },
    { key: "b", state: "failed" },
  ]);
  expect(await runUnits(input)).toEqual({ done: 3, skipped: 1, failures: [] });
  expect(worked).toEqual(["b", "c"]);
});

test("with `continue` the others are worked on and the failures are listed", async () => {
  const { saved, input } = fixture(["a", "bad", "c"], { onItemError: "continue" });
  expect(await runUnits(input)).toEqual({ done: 2, skipped: 0, failures: [{ key: "bad", message: "no bad" }] });
  expect(saved).toContainEqual({ key: "bad", state: "failed", error: "no bad" });
});

test("without it the first failure stops the rest, and what was done stays done", async () => {
  const { saved, worked, input } = fixture(["a", "bad", "c", "d"]);
  await expect(runUnits(input)).rejects.toMatchObject({
    code: "UNITS_FAILED",
    message: "item `bad` failed: no bad",
    disposition: "fail",
  });
  expect(worked).toEqual(["a", "bad"]);
  expect(saved.map((unit) => unit.state)).toEqual(["done", "failed"]);
});

test("at most `concurrency` items are in work, and they are pulled only when a place is free", async () => {
  let pulled = 0;
  let running = 0;
  let most = 0;
  function* items(): Generator<string> {
    for (let index = 0; index < 50; index += 1) {
      pulled += 1;
      yield `i${index}`;
    }
  }
  const { input } = fixture(items(), { concurrency: 3 });
  const work = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    expect(pulled).toBeLessThanOrEqual(50);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
  };
  expect((await runUnits({ ...input, work })).done).toBe(50);
  expect(most).toBe(3);
});

test("a key given twice and an impossible concurrency are refused", async () => {
  await expect(runUnits(fixture(["a", "a"]).input)).rejects.toThrowError(
    "expected `key` to be unique among the items, got twice: `a`",
  );
  await expect(runUnits(fixture([], { concurrency: 0 }).input)).rejects.toThrowError(
    "expected `concurrency` to be a positive integer, got: `0`",
  );
});

test("an abort stops between items and closes the source of items", async () => {
  const control = new AbortController();
  let closed = false;
  function* items(): Generator<string> {
    try {
      for (;;) yield `i${Math.random()}`;
    } finally {
      closed = true;
    }
  }
  const { input } = fixture(items());
  const work = async (): Promise<void> => control.abort(new Error("stop"));
  await expect(runUnits({ ...input, work, signal: control.signal })).rejects.toThrowError("stop");
  expect(closed).toBe(true);
});

test("a service that asks for a long pause ends the work, and the item has not failed", async () => {
  const { input, saved } = fixture(["a", "b"], { onItemError: "continue" });
  const blocked = new MillraceError("CONNECTION_BLOCKED", "nothing may be sent for 1h", { retryAfterMs: 3_600_000 });
  await expect(runUnits({ ...input, work: () => Promise.reject(blocked) })).rejects.toBe(blocked);
  expect(saved).toEqual([]);
});
