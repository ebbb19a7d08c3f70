import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogLine, LogPage } from "../../../api/run.ts";
import { appendPage, emptyLogWindow, markMatches, openLogWindow, prependPage } from "./log-window.ts";

function line(number: number): LogLine {
  const at = new Date(number * 1_000).toISOString();
  return {
    cursor: `c${number}`,
    run_id: "r1",
    job_name: "load",
    at,
    level: "info",
    message: `line ${number}`,
    fields: null,
  };
}

function page(from: number, to: number, over: Partial<LogPage> = {}): LogPage {
  const items = Array.from({ length: to - from }, (_, index) => line(from + index));
  return {
    items,
    has_before: false,
    has_after: false,
    before_cursor: items[0]?.cursor ?? null,
    after_cursor: items.at(-1)?.cursor ?? null,
    ...over,
  };
}

test("pages join at both ends", () => {
  const middle = openLogWindow(page(10, 20, { has_before: true, has_after: true }));
  const grown = prependPage(appendPage(middle, page(20, 30)), page(0, 10));
  expect(grown.lines.map(({ cursor }) => cursor)).toEqual(Array.from({ length: 30 }, (_, index) => `c${index}`));
  expect(grown).toMatchObject({ shift: 10, hasBefore: false, hasAfter: false, beforeCursor: "c0", afterCursor: "c29" });
});

test("a log that runs on lets go at the begin, and remembers that there was more", () => {
  const window = appendPage(openLogWindow(page(0, 8)), page(8, 16), 10);
  expect(window.lines).toHaveLength(10);
  expect(window).toMatchObject({ shift: -6, hasBefore: true, beforeCursor: "c6", afterCursor: "c15" });
});

test("reading back lets go at the end, and says that there is more", () => {
  const window = prependPage(openLogWindow(page(8, 16)), page(0, 8, { has_before: true }), 10);
  expect(window).toMatchObject({ shift: 8, hasBefore: true, hasAfter: true, beforeCursor: "c0", afterCursor: "c9" });
});

test("a page on which nothing matched moves the cursor on", () => {
  const window = appendPage(openLogWindow(page(0, 2)), page(0, 0, { has_after: true, after_cursor: "c900" }));
  expect(window).toMatchObject({ afterCursor: "c900", hasAfter: true });
  expect(window.lines).toHaveLength(2);
});

test("the first lines of a log that was empty begin the window", () => {
  expect(appendPage(emptyLogWindow, page(0, 3))).toMatchObject({ beforeCursor: "c0", afterCursor: "c2" });
});

test("matches are marked without regard to case", () => {
  expect(markMatches("Timeout: read timeout", "timeout")).toEqual([
    { text: "Timeout", isMatch: true },
    { text: ": read ", isMatch: false },
    { text: "timeout", isMatch: true },
  ]);
  expect(markMatches("abc", "")).toEqual([{ text: "abc", isMatch: false }]);
});

test("the parts of a marked text joined are the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string({ maxLength: 3 }), (text, search) => {
      expect(
        markMatches(text, search)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }),
  );
});
