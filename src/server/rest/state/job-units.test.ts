import { expect, test } from "vitest";
import type { WatermarkValue } from "../../../core/dataset/watermark.ts";
import type { RunId } from "../../../core/run-id.ts";
import type { UnitFailure, WatermarkRecord } from "../../../store/state/state-store.ts";
import { toJobUnits } from "./job-units.ts";

const atMs = Date.UTC(2026, 0, 9);
const day = (number: number): string => `2026-01-0${number}T00:00:00.000Z`;

function mark(name: string, value: WatermarkValue, run: number): WatermarkRecord {
  const person = { changedBy: undefined, reason: undefined, undoes: undefined };
  return { job: "j", tenant: "default", name, value, version: 1, atMs: atMs + run, runId: run as RunId, ...person };
}

function failure(key: string, run: number): UnitFailure {
  return { tenant: "default", key, error: "broke", runId: run as RunId, atMs: atMs + run };
}

test("parts that were read are ranges, with a hole where one failed and was not read since", () => {
  const watermarks = [
    mark(`unit a ${day(1)}`, day(2), 3),
    mark(`unit a ${day(2)}`, day(3), 3),
    mark(`unit a ${day(4)}`, day(5), 4),
    mark(`unit b c ${day(1)}`, day(2), 4),
    mark("start", day(1), 4),
    mark("parent a", "x y", 4),
  ];
  const units = toJobUnits(watermarks, [failure(`a ${day(3)}`, 4), failure(`a ${day(2)}`, 2)]);
  expect(units).toMatchObject([
    {
      key: "a",
      ranges: [
        { from: day(1), to: day(3) },
        { from: day(4), to: day(5) },
      ],
      value: null,
      last_run_id: "r4",
      error: { message: "broke", from: day(3), run_id: "r4" },
    },
    { key: "b c", ranges: [{ from: day(1), to: day(2) }], error: null },
  ]);
});

test("a unit without parts has the value that it was read up to, and an error only when it is newer", () => {
  const watermarks = [mark("default", 7, 2), mark("unit x", "2026-01-03T00:00:00.000Z", 5)];
  expect(toJobUnits(watermarks, [failure("x", 4), failure("y", 4)])).toMatchObject([
    { key: "", ranges: [], value: 7, last_run_id: "r2", error: null },
    { key: "x", ranges: [], value: "2026-01-03T00:00:00.000Z", error: null },
    {
      key: "y",
      ranges: [],
      value: null,
      last_run_id: null,
      last_read_at: null,
      error: { message: "broke", from: null },
    },
  ]);
});

test("a unit is behind when it failed, has a hole or was read less far than another", () => {
  const units = toJobUnits(
    [
      mark(`unit a ${day(1)}`, day(4), 3),
      mark(`unit b ${day(1)}`, day(3), 3),
      mark(`unit c ${day(1)}`, day(2), 3),
      mark(`unit c ${day(3)}`, day(4), 3),
      mark(`unit d ${day(1)}`, day(4), 3),
    ],
    [failure(`d ${day(4)}`, 4)],
  );
  expect(units.filter(({ is_behind: isBehind }) => isBehind).map(({ key }) => key)).toEqual(["b", "c", "d"]);
});
