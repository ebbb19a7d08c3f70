import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readPairs, type Pair } from "../../../../tests/support/mapreduce/read-pairs.ts";
import { PairFile } from "./pair-file.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-pairs-"));
});
afterEach(async () => await rm(folder, { recursive: true, force: true }));

function writePairs(pairs: readonly Pair[]): string {
  const path = join(folder, "pairs.parquet");
  using file = new PairFile(path);
  for (const [key, value] of pairs) {
    const bytes = Buffer.from(key);
    file.add(bytes, bytes.length, value);
  }
  file.commit();
  return path;
}

test("texts and numbers of any kind come back as they were", async () => {
  const pairs = fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.double({ noNaN: true })));
  await fc.assert(
    fc.asyncProperty(pairs, async (given) => {
      expect(await readPairs([writePairs(given)])).toEqual(given);
    }),
    { numRuns: 20 },
  );
});

test("more rows than a group has, and keys of a megabyte, come back in their order", async () => {
  const many = Array.from({ length: 70_000 }, (_, n): Pair => [`key ${n}`, n]);
  const long = Array.from({ length: 6 }, (_, n): Pair => [`${n}`.repeat(1 << 20), n]);
  const pairs = [...many, ...long];
  const found = await readPairs([writePairs(pairs)]);
  expect(found).toHaveLength(pairs.length);
  // no matcher, which would print megabytes
  expect(found.findIndex(([key, value], at) => key !== pairs[at]?.[0] || value !== pairs[at]?.[1])).toBe(-1);
});

test("a file that is not committed has no name", async () => {
  {
    using file = new PairFile(join(folder, "pairs.parquet"));
    file.add(Buffer.from("a"), 1, 1);
  }
  expect(await readdir(folder)).toEqual(["pairs.parquet.partial"]);
});
