import { expect, test } from "vitest";
import { drawEdge } from "./draw-edge.ts";

test("an edge is level at both ends and at each of its points", () => {
  const points = [
    { x: 192, y: 22 },
    { x: 248, y: 40.04 },
    { x: 440, y: 40.04 },
  ];
  expect(drawEdge(points)).toBe("M192 22 C220 22 220 40 248 40 C344 40 344 40 440 40");
});

test("an edge without points has no path", () => {
  expect(drawEdge([])).toBe("");
});
