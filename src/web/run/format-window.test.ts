import { expect, test } from "vitest";
import { formatWindow } from "./format-window.ts";

test("a window of whole days is told by its days", () => {
  expect(formatWindow({ from: "2026-11-20T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" })).toBe("2026-11-20");
  expect(formatWindow({ from: "2026-11-01T00:00:00Z", to: "2026-11-08T00:00:00Z" })).toBe("2026-11-01 to 2026-11-08");
});

test("other windows are told by their instants", () => {
  expect(formatWindow({ from: "2026-11-20T06:00:00.000Z", to: "2026-11-20T07:30:15.000Z" })).toBe(
    "2026-11-20 06:00 to 2026-11-20 07:30:15",
  );
});
