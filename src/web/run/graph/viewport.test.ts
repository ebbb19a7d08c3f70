import { expect, test } from "vitest";
import { doOverlap, findVisibleBox, fitBox, isInSight, keepInSight, surround, zoomAt } from "./viewport.ts";

const screen = { width: 800, height: 400 };

test("a picture is fitted in the middle, and a small one is not blown up", () => {
  const large = fitBox({ x: 0, y: 0, width: 3_000, height: 100 }, screen);
  expect(large.scale).toBeCloseTo(752 / 3_000);
  expect(large.x).toBeCloseTo(24);
  const small = fitBox({ x: 0, y: 0, width: 100, height: 40 }, screen);
  expect(small).toEqual({ x: 350, y: 180, scale: 1 });
});

test("the point under the pointer stays where it is while the picture grows", () => {
  const view = { x: 40, y: 10, scale: 0.5 };
  const zoomed = zoomAt(view, 2, { x: 300, y: 200 });
  expect(zoomed.scale).toBe(1);
  expect((300 - zoomed.x) / zoomed.scale).toBeCloseTo((300 - view.x) / view.scale);
});

test("the picture cannot be moved out of sight", () => {
  const view = keepInSight({ x: 5_000, y: -5_000, scale: 1 }, { width: 600, height: 300 }, screen);
  expect(view).toEqual({ x: 720, y: -220, scale: 1 });
});

test("nodes within half a screen of the edge are drawn", () => {
  const box = findVisibleBox({ x: 0, y: 0, scale: 1 }, screen);
  expect(doOverlap(box, { x: 1_100, y: 0, width: 188, height: 44 })).toBe(true);
  expect(doOverlap(box, { x: 1_300, y: 0, width: 188, height: 44 })).toBe(false);
});

test("a box is in sight when it is on the screen, or covers it", () => {
  const view = { x: 0, y: 0, scale: 1 };
  expect(isInSight({ x: 10, y: 10, width: 100, height: 50 }, view, screen)).toBe(true);
  expect(isInSight({ x: 750, y: 10, width: 100, height: 50 }, view, screen)).toBe(false);
  expect(isInSight({ x: -100, y: 10, width: 1_000, height: 50 }, view, screen)).toBe(true);
});

test("a box surrounds others", () => {
  expect(surround([])).toBeUndefined();
  expect(
    surround([
      { x: 10, y: 0, width: 10, height: 10 },
      { x: 100, y: 50, width: 10, height: 10 },
    ]),
  ).toEqual({ x: 10, y: 0, width: 100, height: 60 });
});
