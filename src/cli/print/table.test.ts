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

test("on a narrow terminal the last column gives way, then those that may shrink, then the end of the line", () => {
  const row = ["report_of_the_day", "3,000", "the same rows as in the run before"];
  const at = (width: number): string | undefined => formatTable(columns, [row], width)[1];
  expect(at(80)).toBe("report_of_the_day  3,000  the same rows as in the run before");
  expect(at(50)).toBe("report_of_the_day  3,000  the same rows as in the…");
  expect(at(46)).toBe("report_of_the_day  3,000  the same rows as in…");
  expect(at(44)).toBe("report_of_the_…  3,000  the same rows as in…");
  expect(at(30)).toBe("report_of_t…  3,000  the same…");
});

test("a cell cannot break its line or steer the terminal", () => {
  expect(formatTable(columns, [["a\nb", "1", "\u001b[2J"]], 80)[1]).toBe("a b     1  �[2J");
  expect(oneLine("one\r\n  two\tthree")).toBe("one two three");
});

test("cells are painted after they are padded, and not at all where lines are cut", () => {
  const painted = [{ title: "STATE", paint: (text: string, cell: string) => `<${cell}|${text}>` }, { title: "NOTE" }];
  expect(formatTable(painted, [["OK", "n"]], 20)).toEqual(["STATE  NOTE", "<OK|OK   >  n"]);
  expect(formatTable(painted, [["OK", "n"]], 5)).toEqual(["STAT…", "OK  …"]);
});

test("cut text ends in an ellipsis", () => {
  expect([cut("abc", 3), cut("abcd", 3), cut("abcd", 1)]).toEqual(["abc", "ab…", "…"]);
});
