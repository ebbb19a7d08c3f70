// The address as state.
import { expect, test } from "vitest";
import { parseRunsSearch, toRunsFilter } from "./search/runs-search.ts";
import { parseSearch, readFlag, readNumber, readSomeOf, readText, stringifySearch } from "./search-params.ts";

test("what is written is read back, and plain to people", () => {
  const text = stringifySearch({ state: "ERROR,PAUSED", q: "a b&c", children: true, job: undefined, not: "" });
  expect(text).toBe("?state=ERROR%2CPAUSED&q=a+b%26c&children=1");
  expect(parseSearch(text)).toEqual({ state: "ERROR,PAUSED", q: "a b&c", children: "1" });
});

test("no search is no question mark", () => {
  expect(stringifySearch({})).toBe("");
  expect(parseSearch("")).toEqual({});
});

test("what a screen does not know or cannot use is left out", () => {
  const raw = parseSearch("?state=ERROR,NONSENSE&children=yes&q=&__proto__=x");
  expect(parseRunsSearch(raw)).toEqual({ state: "ERROR" });
  expect(readSomeOf({ a: "x,y,z" }, "a", ["z", "x"])).toEqual(["z", "x"]);
  expect(readFlag({ a: "1" }, "a")).toBe(true);
  expect([
    readNumber({ a: "7" }, "a", 1, 9),
    readNumber({ a: "70" }, "a", 1, 9),
    readNumber({ a: "x" }, "a", 1, 9),
  ]).toEqual([7, undefined, undefined]);
  expect(readText({ a: "x".repeat(600) }, "a")).toHaveLength(500);
});

test("an age in the address becomes an instant, the same for a minute", () => {
  const nowMs = Date.parse("2026-11-21T12:34:56.789Z");
  expect(toRunsFilter({ since: "24h" }, nowMs)).toEqual({ since: "2026-11-20T12:34:00.000Z" });
  expect(toRunsFilter({ since: "7d" }, nowMs)).toEqual(toRunsFilter({ since: "7d" }, nowMs + 2_000));
});

test("an instant is given on, and what is neither age nor instant is left out", () => {
  expect(toRunsFilter({ since: "2026-11-20", until: "soon", job: "loads" }, 0)).toEqual({
    since: "2026-11-20T00:00:00.000Z",
    job: "loads",
  });
});
