import { expect, it } from "vitest";
import { formatFigure, formatMark, formatPeriod, namePeriod } from "./figure-words.ts";

it.each([
  [null, "seconds", "unknown"],
  [null, "share", "unknown"],
  [0, "share", "0 %"],
  [0.1234, "share", "12.3 %"],
  [93_600, "seconds", "1 d 2 h"],
  [0, "deployments a day", "none"],
  [2.5, "deployments a day", "2.5 a day"],
  [0.5, "deployments a day", "3.5 a week"],
  [0.1, "deployments a day", "3.04 a month"],
  [1, "days", "1 day"],
  [1_234.4, "deployments", "1,234"],
])("%s %s is `%s`", (value, unit, text) => {
  expect(formatFigure(value, unit)).toBe(text);
});

it("names a period by its first day, also where that begins at another hour in UTC", () => {
  expect(formatPeriod("2026-01-19T00:00:00.000Z", "week")).toBe("week of 19 Jan 2026");
  expect(formatPeriod("2025-12-31T23:00:00.000Z", "month")).toBe("January 2026");
  expect(formatPeriod("2026-01-01T08:00:00.000Z", "month")).toBe("January 2026");
});

it("leaves out of marks what is nothing, and of months the article", () => {
  expect([formatMark(259_200, "seconds"), formatMark(5_400, "seconds"), formatMark(0.2, "share")]).toEqual([
    "3 d",
    "1 h 30 m",
    "20 %",
  ]);
  expect(namePeriod("2026-01-19T00:00:00.000Z", "week")).toBe("the week of 19 Jan 2026");
  expect(namePeriod("2026-01-01T00:00:00.000Z", "month")).toBe("January 2026");
});
