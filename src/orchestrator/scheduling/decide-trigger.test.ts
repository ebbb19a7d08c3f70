import { expect, test } from "vitest";
import type { Json } from "../../store/rows/run-records.ts";
import { decideTrigger, readCause, readSeen, type TriggerSight } from "./decide-trigger.ts";

function after(any: boolean, seen: Json | undefined, versions: Record<string, number>): unknown {
  const timing = { kind: "datasets", datasets: ["orders", "customers"], any, everyMs: 1_000 } as const;
  const sight: TriggerSight = { versions: new Map(Object.entries(versions)), files: [] };
  const { fires, seen: next } = decideTrigger(timing, seen, sight);
  return fires ? next : "waits";
}

test("it fires when all of its datasets have another version than at the last fire", () => {
  expect(after(false, undefined, { orders: 1 })).toBe("waits");
  expect(after(false, undefined, { orders: 1, customers: 4, other: 1 })).toEqual({ orders: 1, customers: 4 });
  expect(after(false, { orders: 1, customers: 4 }, { orders: 2, customers: 4 })).toBe("waits");
  expect(after(false, { orders: 1, customers: 4 }, { orders: 2, customers: 5 })).toEqual({ orders: 2, customers: 5 });
  // after a reset versions are counted from 1 again
  expect(after(false, { orders: 7, customers: 4 }, { orders: 1, customers: 5 })).toEqual({ orders: 1, customers: 5 });
});

test("one dataset is enough where `any` says so", () => {
  expect(after(true, undefined, {})).toBe("waits");
  expect(after(true, undefined, { orders: 1 })).toEqual({ orders: 1 });
  expect(after(true, { orders: 1 }, { orders: 1, customers: 1 })).toEqual({ orders: 1, customers: 1 });
});

test("what another release has left counts as nothing seen", () => {
  expect(after(false, { orders: "x" }, { orders: 1, customers: 1 })).toEqual({ orders: 1, customers: 1 });
});

/** Looks at files one after the other; what each look fires for. */
function look(...looks: Readonly<Record<string, number>>[]): unknown[] {
  let seen: Json | undefined;
  return looks.map((files) => {
    const found = Object.entries(files).map(([path, bytes]) => ({ path, bytes, changedAtMs: 5 }));
    const decision = decideTrigger({ kind: "files", path: "*", everyMs: 1_000 }, seen, {
      versions: new Map(),
      files: found,
    });
    seen = decision.seen ?? seen;
    return decision.fires ? decision.params["files"] : "waits";
  });
}

test("a file fires once it has not changed from one look to the next", () => {
  expect(look({ a: 1 }, { a: 2 }, { a: 2, b: 1 }, { a: 2, b: 1 }, { a: 2, b: 1 })).toEqual([
    "waits",
    "waits",
    ["a"],
    ["b"],
    "waits",
  ]);
});

test("files that settle together are one set; one that changes or comes again is new", () => {
  expect(look({ b: 1, a: 1 }, { b: 1, a: 1 }, { a: 9 }, { a: 9, b: 1 }, { a: 9, b: 1 })).toEqual([
    "waits",
    ["a", "b"],
    "waits",
    ["a"],
    ["b"],
  ]);
});

test("what has been seen is only written when it has changed", () => {
  const timing = { kind: "files", path: "*", everyMs: 1_000 } as const;
  expect(decideTrigger(timing, { done: {}, arriving: {} }, { versions: new Map(), files: [] }).seen).toBeUndefined();
});

test("a fire keeps what it was for: the new versions alone, and the files with how many there were", () => {
  const timing = { kind: "datasets", datasets: ["orders", "customers"], any: true, everyMs: 1_000 } as const;
  const versions = new Map([
    ["orders", 2],
    ["customers", 4],
  ]);
  const decision = decideTrigger(timing, { orders: 1, customers: 4 }, { versions, files: [] });
  expect(readCause({ ...decision.cause })).toEqual({ datasets: { orders: 2 } });
  const files = Array.from({ length: 25 }, (_, index) => ({ path: `f${index + 10}`, bytes: 1, changedAtMs: 1 }));
  const arriving = Object.fromEntries(files.map(({ path }) => [path, "1:1"]));
  const seen = { done: { old: "1:1" }, arriving };
  const fired = decideTrigger({ kind: "files", path: "*", everyMs: 1_000 }, seen, { versions: new Map(), files });
  expect(fired.cause).toMatchObject({ count: 25, files: { length: 20, 0: "f10", 19: "f29" } });
});

test("what was seen is told in the words of people, also where nothing was", () => {
  const files = { kind: "files", path: "*", everyMs: 1_000 } as const;
  expect(readSeen(files, { done: { a: "1:1" }, arriving: { c: "1:1", b: "1:1" } })).toEqual({
    kind: "files",
    taken: 1,
    arriving: ["b", "c"],
  });
  expect(readSeen(files, undefined)).toEqual({ kind: "files", taken: 0, arriving: [] });
  const datasets = { kind: "datasets", datasets: ["orders"], any: false, everyMs: 1_000 } as const;
  expect(readSeen(datasets, { orders: 3 })).toEqual({ kind: "datasets", versions: new Map([["orders", 3]]) });
});
