import { expect, test } from "vitest";
import type { JobUnit } from "../../../api/state.ts";
import { toUnitPage } from "./unit-page.ts";

const day = (number: number): string => `2026-01-${String(number).padStart(2, "0")}T00:00:00.000Z`;

const failure = { message: "broke", from: null, run_id: "r4", at: day(9) };

const units = [
  unit("done", { ranges: [{ from: day(1), to: day(9) }], is_behind: false }),
  unit("late", { ranges: [{ from: day(1), to: day(8) }] }),
  unit("holes", {
    ranges: [
      { from: day(1), to: day(3) },
      { from: day(4), to: day(9) },
    ],
  }),
  unit("later", { ranges: [{ from: day(1), to: day(2) }] }),
  unit("never", { ranges: [] }),
  unit("failed", { ranges: [{ from: day(1), to: day(9) }], error: failure }),
];

test("what is behind comes first: failed, never read, then what was read least far", () => {
  expect(keysOf(toUnitPage(units, {}))).toEqual(["failed", "never", "later", "late", "holes", "done"]);
});

test("a page goes on where the one before ended, also when units came in between, and the summary is of all", () => {
  const first = toUnitPage(units, { limit: 2 });
  expect(keysOf(first)).toEqual(["failed", "never"]);
  const summary = { units: 6, failed: 1, behind: 5, read_to: day(2), furthest: day(9) };
  expect(first.summary).toEqual(summary);
  const more = [...units, unit("also failed", { ranges: [], error: failure })];
  const second = toUnitPage(more, { limit: 3, cursor: first.next_cursor ?? "" });
  expect(keysOf(second)).toEqual(["later", "late", "holes"]);
  const last = toUnitPage(more, { limit: 3, cursor: second.next_cursor ?? "" });
  expect([keysOf(last), last.next_cursor]).toEqual([["done"], null]);
});

test("units are found by a part of their key and by what is the matter with them", () => {
  expect(keysOf(toUnitPage(units, { q: " LATE " }))).toEqual(["later", "late"]);
  expect(keysOf(toUnitPage(units, { state: "failed" }))).toEqual(["failed"]);
  expect(keysOf(toUnitPage(units, { state: "behind", q: "e" }))).toEqual(["failed", "never", "later", "late", "holes"]);
  expect(toUnitPage([], {})).toEqual({
    items: [],
    next_cursor: null,
    summary: { units: 0, failed: 0, behind: 0, read_to: null, furthest: null },
  });
});

test("a cursor of another list is refused", () => {
  expect(() => toUnitPage(units, { cursor: "r7" })).toThrow("query.cursor");
});

function keysOf({ items }: ReturnType<typeof toUnitPage>): readonly string[] {
  return items.map(({ key }) => key);
}

function unit(key: string, fields: Partial<JobUnit>): JobUnit {
  return {
    key,
    tenant: "default",
    ranges: [],
    value: null,
    last_run_id: "r3",
    last_read_at: day(9),
    is_behind: true,
    error: null,
    ...fields,
  };
}
