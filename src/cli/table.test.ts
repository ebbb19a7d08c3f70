import { expect, test } from "vitest";
import { cut, formatTable, oneLine } from "./table.ts";

const columns = [{ title: "JOB", shrink: true }, { title: "ROWS", align: "right" }, { title: "NOTE" }] as const;

test("columns line up, numbers at their end", () => {
  const rows = [
    ["ingest", "12", "unchanged"],
    ["report_of_the_day", "3,000", ""],
  ];
  expect(formatTable(columns, rows, 80)).toEqual([
    "JOB                 ROWS  NOTE",
    "ingest                12  unchanged",
    "report_of_the_day  3,000",
  ]);
});

test("on a narrow terminal the column that may shrink gives way first, then the end of the line", () => {
  expect(formatTable(columns, [["report_of_the_day", "3,000", "unchanged"]], 28)).toEqual([
    "JOB          ROWS  NOTE",
    "report_of…  3,000  unchanged",
  ]);
  expect(formatTable(columns, [["report_of_the_day", "3,000", "unchanged"]], 20)[1]).toBe("report_…  3,000  un…");
});

test("a cell cannot break its line or steer the terminal", () => {
  expect(formatTable(columns, [["a\nb", "1", "\u001b[2J"]], 80)[1]).toBe("a b     1  �[2J");
  expect(oneLine("one\r\n  two\tthree")).toBe("one two three");
});

test("cut text ends in an ellipsis", () => {
  expect([cut("abc", 3), cut("abcd", 3), cut("abcd", 1)]).toEqual(["abc", "ab…", "…"]);
});
