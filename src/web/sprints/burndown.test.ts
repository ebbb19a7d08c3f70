import { expect, it } from "vitest";
import type { SprintStep } from "../../api/delivery/sprint.ts";
import { toBurndown } from "./burndown.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 1, 2);
const at = (day: number): string => new Date(startMs + day * dayMs).toISOString();
const span = { start_at: at(0), end_at: at(14), closed_at: null };

function step(day: number, remaining: number, scope: number): SprintStep {
  return { at: at(day), remaining_points: remaining, scope_points: scope, completed_points: scope - remaining };
}

it("goes level until a step and then straight to its value, up to now while the sprint is not closed", () => {
  const { remaining, scope } = toBurndown([step(0, 8, 8), step(2, 5, 8)], span, startMs + 3 * dayMs);
  expect(remaining.corners.map(([atMs, points]) => [(atMs - startMs) / dayMs, points])).toEqual([
    [0, 8],
    [2, 8],
    [2, 5],
    [3, 5],
  ]);
  expect(scope.corners.at(-1)).toEqual([startMs + 3 * dayMs, 8]);
});

it("ends where the sprint was closed, also after its planned end, and shows both", () => {
  const { remaining, toMs, highest } = toBurndown([step(0, 8, 8), step(1, 12, 12)], { ...span, closed_at: at(16) }, 0);
  expect(remaining.corners.at(-1)).toEqual([startMs + 16 * dayMs, 12]);
  expect([toMs, highest]).toEqual([startMs + 16 * dayMs, 12]);
});

it("of a sprint that nobody closed ends with its plan or its last change, however long ago that was", () => {
  const yearMs = startMs + 365 * dayMs;
  expect(toBurndown([step(0, 8, 8)], span, yearMs).toMs).toBe(startMs + 14 * dayMs);
  expect(toBurndown([step(0, 8, 8), step(16, 5, 8)], span, yearMs).remaining.corners.at(-1)).toEqual([
    startMs + 16 * dayMs,
    5,
  ]);
});

it("has an ideal line from the first scope to nothing, and none without a planned end", () => {
  expect(toBurndown([step(0, 8, 8)], span, startMs).ideal.corners).toEqual([
    [startMs, 8],
    [startMs + 14 * dayMs, 0],
  ]);
  expect(toBurndown([step(0, 8, 8)], { ...span, end_at: null }, startMs).ideal.corners).toEqual([]);
});

it("of a sprint without steps has no line", () => {
  const empty = toBurndown([], span, startMs + dayMs);
  expect([empty.remaining.corners, empty.scope.corners, empty.highest]).toEqual([[], [], 0]);
  expect(empty.toMs).toBeGreaterThan(empty.fromMs);
});
