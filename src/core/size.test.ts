import { expect, test } from "vitest";
import { expectThrown } from "../../tests/support/expect-thrown.ts";
import { parseSize } from "./size.ts";

test("a size is a number of bytes", () => {
  expect(["1KB", "1KiB", "1.5 MB", "2GiB", "3TB"].map(parseSize)).toEqual([1000, 1024, 1_500_000, 2 ** 31, 3e12]);
});

test("what is no size is refused", () => {
  expect(expectThrown(() => parseSize("much"), "VALUE_INVALID").message).toBe(
    "expected a size such as `2GB`, got: `much`",
  );
});
