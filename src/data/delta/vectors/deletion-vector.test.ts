import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeRoaringArray, inlineVector, storedVectors } from "../../../../tests/support/data/deletion-vectors.ts";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../../tests/support/temporary-folder.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { AddFile, DeletionVector } from "../log/delta-actions.ts";
import { readDeletedRows } from "./deletion-vector.ts";
import { readRoaringArray } from "./roaring-bitmap.ts";
import { blockRows, type RowBitmap } from "./row-bitmap.ts";
import { vectorPath } from "./vector-path.ts";

const folder = useTemporaryFolder("delta-vectors");

/** Written by others. */
const example: DeletionVector = {
  storageType: "i",
  pathOrInlineDv: "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
  sizeInBytes: 44,
  cardinality: 6,
};

function fileWith(deletionVector: DeletionVector, rows?: number): AddFile {
  const file = { path: "a.parquet", partitionValues: {}, size: 1, modificationTime: 0, dataChange: true };
  return { ...file, deletionVector, ...(rows === undefined ? {} : { stats: JSON.stringify({ numRecords: rows }) }) };
}

async function read(deletionVector: DeletionVector, rows?: number): Promise<number[]> {
  const file = fileWith(deletionVector, rows);
  const bitmap = (await readDeletedRows(folder(), [file])).get(file);
  if (bitmap === undefined) throw new Error("the file has a vector");
  return listRows(bitmap);
}

function listRows({ blocks }: RowBitmap): number[] {
  return [...blocks]
    .flatMap(([block, bytes]) =>
      Array.from({ length: blockRows }, (_, bit) => bit)
        .filter((bit) => ((bytes[bit >> 3] ?? 0) & (128 >> (bit & 7))) !== 0)
        .map((bit) => block * blockRows + bit),
    )
    .toSorted((a, b) => a - b);
}

test("a vector of other writers is read, and the protocol's own example, which is in an old form, is refused", async () => {
  expect(await read(example)).toEqual([3, 4, 7, 11, 18, 29]);
  const old = { ...example, pathOrInlineDv: "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L", sizeInBytes: 40 };
  expect((await expectFailure(read(old))).message).toContain("no magic number of the portable form");
});

test("the paths of the protocol's examples are found", () => {
  const place = { sizeInBytes: 40, cardinality: 6, offset: 4 };
  const named = { ...place, storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^" };
  expect(vectorPath(named)).toBe("ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  const path = "s3://mytable/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin";
  expect(vectorPath({ ...place, storageType: "p", pathOrInlineDv: path })).toBe(path);
});

const someRows = fc
  .array(
    fc.record({
      first: fc.oneof(fc.nat(200_000), fc.nat({ max: 2 ** 34 })),
      length: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constant(5000)),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((ranges) => {
    const rows = ranges.flatMap(({ first, length }) => Array.from({ length }, (_, index) => first + index));
    return [...new Set(rows)].toSorted((a, b) => a - b);
  });

test("whatever rows are deleted, and however their numbers are kept, they are read back", async () => {
  await fc.assert(
    fc.asyncProperty(someRows, fc.constantFrom("array", "bits", "runs", "any"), async (rows, kind) => {
      const bitmap = readRoaringArray(encodeRoaringArray(rows, kind));
      expect(listRows(bitmap)).toEqual(rows);
      expect([bitmap.count, bitmap.last]).toEqual([rows.length, rows.at(-1)]);
      expect(await read(inlineVector(rows, kind))).toEqual(rows);
    }),
    { numRuns: 40 },
  );
});

test("vectors are found in one file by their place, in a folder with any name, and by an absolute path", async () => {
  const vectors = [[0, 1, 2], [5], [70_000, 70_001]];
  for (const options of [{}, { folder: "a%b c" }, { absolute: true }]) {
    const stored = storedVectors(folder(), vectors, options);
    expect(await Promise.all(stored.map(async (vector) => await read(vector)))).toEqual(vectors);
  }
});

test("a byte that changed in the file of a vector is never passed over", async () => {
  const [vector = example] = storedVectors(folder(), [[1, 2, 3, 100]]);
  const path = join(folder(), vectorPath(vector) ?? "");
  const whole = await readFile(path);
  for (let at = vector.offset ?? 0; at < whole.length; at += 1) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 4, at);
    await writeFile(path, damaged);
    expect(await expectFailure(read(vector))).toMatchObject({ code: "DELTA_CORRUPT" });
  }
  await writeFile(path, whole.subarray(0, -1));
  const error = await expectFailure(read(vector));
  expect(error.message).toBe(`the deletion vector of \`a.parquet\` is damaged: \`${path}\` ends before it does`);
  await rm(path);
  expect((await expectFailure(read(vector))).code).toBe("SOURCE_MISSING");
});

test("bytes that are no vector are refused as such, whatever they are", () => {
  const good = encodeRoaringArray([1, 2, 3, 70_000], "any");
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
      const damaged = Buffer.from(good);
      damaged.writeUInt8(byte, at);
      try {
        expect(readRoaringArray(damaged).count).toBeLessThanOrEqual(4 * 65_536);
      } catch (error) {
        expect(error).not.toBeInstanceOf(RangeError);
        expect(error).not.toBeInstanceOf(MillraceError);
      }
    }),
  );
  for (let length = 0; length < good.length; length += 1) {
    expect(() => readRoaringArray(good.subarray(0, length))).toThrow("it ends before its rows do");
  }
  expect(() => readRoaringArray(Buffer.concat([good, Buffer.alloc(1)]))).toThrow("1 bytes follow its end");
});

test.each([
  ["a count that differs", { ...example, cardinality: 5 }, 100, "it has 6 of the 5 rows that the log counts"],
  ["a row beyond its file", example, 29, "it deletes row 29 of a file with 29 rows"],
  ["a size that differs", { ...example, sizeInBytes: 48 }, 100, "it is no text for 48 bytes"],
  ["no size", { ...example, sizeInBytes: -1 }, 100, "the log gives it no valid size"],
  ["no text of that form", { ...example, pathOrInlineDv: "wi5b'" }, 100, "it is no text for 44 bytes"],
])("a vector with %s is damage that names the file", async (_, vector, rows, what) => {
  const error = await expectFailure(read(vector, rows));
  expect(error.code).toBe("DELTA_CORRUPT");
  expect(error.message).toBe(`the deletion vector of \`a.parquet\` is damaged: ${what}`);
});

test("a way of keeping vectors that is not known is refused", async () => {
  expect((await expectFailure(read({ ...example, storageType: "x" }))).code).toBe("DELTA_UNSUPPORTED");
  const nameless = { ...example, storageType: "u", pathOrInlineDv: randomUUID().slice(0, 12) };
  expect((await expectFailure(read(nameless))).code).toBe("DELTA_CORRUPT");
});
