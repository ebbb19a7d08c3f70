import { expect, test } from "vitest";
import { countOf } from "./count-of.ts";

test("a noun is plural unless there is one", () => {
  expect([0, 1, 2, 1_000].map((count) => countOf(count, "row"))).toEqual(["0 rows", "1 row", "2 rows", "1000 rows"]);
});
