import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePath, toFilePath, toLogPath } from "./delta-path.ts";

const fileName = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
  .filter((name) => !/[/\\\0]/.test(name) && name !== "." && name !== "..");

test("a path that goes into the log comes out as the same file", () => {
  fc.assert(
    fc.property(fc.array(fileName, { minLength: 1, maxLength: 3 }), (parts) => {
      const path = join(...parts);
      expect(toFilePath("/table", toLogPath(path))).toBe(join("/table", path));
    }),
  );
});

test("folders of partitions are encoded once more, and `=` stays", () => {
  expect(toLogPath(join("p=a%2Fb", "part-1.parquet"))).toBe("p=a%252Fb/part-1.parquet");
});

test("a path that another writer did not encode is taken as it is", () => {
  expect(decodePath("p=100%/a.parquet")).toBe("p=100%/a.parquet");
});

test("absolute paths and file addresses are kept", () => {
  expect(toFilePath("/table", "/elsewhere/a.parquet")).toBe("/elsewhere/a.parquet");
  expect(toFilePath("/table", "file:///elsewhere/a%20b.parquet")).toBe("/elsewhere/a b.parquet");
});
