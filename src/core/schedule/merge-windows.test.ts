import { expect, test } from "vitest";
import { mergeWindows } from "./merge-windows.ts";

const window = (days: string): { from: string; to: string } => {
  const [from = "", to = ""] = days.split("-");
  return { from: `2026-01-${from}`, to: `2026-01-${to}` };
};

test("ranges that meet or overlap are one, and a hole stays between those that do not", () => {
  const windows = ["05-06", "01-02", "02-03", "08-08", "05-05", "01-03", "06-09"].map(window);
  expect(mergeWindows(windows)).toEqual(["01-03", "05-09"].map(window));
  expect(mergeWindows([])).toEqual([]);
});
