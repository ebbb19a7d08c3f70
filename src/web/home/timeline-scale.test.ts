// Marks, zoom and move of the timeline.
import { expect, test } from "vitest";
import { listMarks, moveRange, toX, zoomRange, type TimeRange } from "./timeline-scale.ts";

const hourMs = 3_600_000;
const limits: TimeRange = { fromMs: 0, toMs: 24 * hourMs };

test("an instant is as far from the left as its share of the range", () => {
  expect(toX(6 * hourMs, limits, 800)).toBe(200);
});

test("marks are at round times of the reader's zone, and not closer than asked", () => {
  expect(listMarks(limits, 800, 100, 0).map((atMs) => atMs / hourMs)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24]);
  const halfHourZone = listMarks({ fromMs: 0, toMs: 4 * hourMs }, 400, 100, 30 * 60_000);
  expect(halfHourZone.map((atMs) => atMs / hourMs)).toEqual([0.5, 1.5, 2.5, 3.5]);
});

test("zooming in keeps the instant under the pointer where it is", () => {
  const zoomed = zoomRange(limits, 0.5, 6 * hourMs, limits);
  expect(toX(6 * hourMs, zoomed, 800)).toBeCloseTo(200);
  expect(zoomed.toMs - zoomed.fromMs).toBe(12 * hourMs);
});

test("neither zoom nor move leaves what is loaded, and nothing is shorter than 15 minutes", () => {
  expect(zoomRange({ fromMs: hourMs, toMs: 2 * hourMs }, 100, hourMs, limits)).toEqual(limits);
  expect(zoomRange({ fromMs: 0, toMs: hourMs }, 0.001, 0, limits)).toEqual({ fromMs: 0, toMs: hourMs / 4 });
  expect(moveRange({ fromMs: 22 * hourMs, toMs: 23 * hourMs }, 5, limits)).toEqual({
    fromMs: 23 * hourMs,
    toMs: 24 * hourMs,
  });
});
