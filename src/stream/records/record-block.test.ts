// Blocks give back the records that they were made of, whatever these hold.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { NewRecord } from "../../core/stream/stream-record.ts";
import { decodeBlock, decodeRecord, encodeRecord, toBlocks } from "./record-block.ts";

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
const nullable = fc.option(bytes, { nil: null });
const header = fc.record({
  name: fc.string({ unit: "grapheme", maxLength: 8 }).map((name) => name.toWellFormed()),
  value: nullable,
});
const record: fc.Arbitrary<NewRecord> = fc.record({
  key: nullable,
  value: nullable,
  headers: fc.array(header, { maxLength: 3 }),
  timeMs: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
});

test("any records come back with their offsets, from the one that is asked for", () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 60 }), fc.nat(70), (records, skip) => {
      const [block] = toBlocks([{ partition: 3, records }]);
      if (block === undefined) throw new Error("no block");
      const read = decodeBlock({ ...block, firstOffset: 100 }, 100 + skip);
      expect(read).toEqual(records.map((own, index) => ({ ...own, offset: 100 + index })).slice(skip));
    }),
    { numRuns: 200 },
  );
});

test("records are compressed where that makes them smaller, and the extremes of their times are known", () => {
  const records = Array.from({ length: 1_000 }, (_, index) => ({
    key: Buffer.from(`key-${index % 10}`),
    value: Buffer.from(JSON.stringify({ id: index, total: index * 2 })),
    headers: [],
    timeMs: 1_000 - index,
  }));
  const [block] = toBlocks([{ partition: 0, records }]);
  expect(block).toMatchObject({ count: 1_000, minTimeMs: 1, maxTimeMs: 1_000 });
  expect(block?.payload.byteLength).toBeLessThan((block?.bytes ?? 0) / 2);
});

test("blocks hold 5,000 records or a mebibyte, and a record that is larger has its own", () => {
  const small = { key: null, value: Buffer.from("x"), headers: [], timeMs: 1 };
  const large = { ...small, value: Buffer.alloc(600_000) };
  const huge = { ...small, value: Buffer.alloc(3_000_000) };
  const counts = (records: readonly NewRecord[]): readonly number[] =>
    toBlocks([{ partition: 0, records }]).map(({ count }) => count);
  expect(counts(Array.from({ length: 12_000 }, () => small))).toEqual([5_000, 5_000, 2_000]);
  expect(counts([large, large, small, huge, small])).toEqual([1, 2, 1, 1]);
});

test("a block whose bytes were changed is refused by name", () => {
  const payload = Buffer.from(
    encodeRecord({ key: null, value: Buffer.from("a".repeat(2_000)), headers: [], timeMs: 1 }),
  );
  expect(decodeRecord(payload, 7)).toMatchObject({ offset: 7, timeMs: 1 });
  payload[payload.byteLength - 2] = (payload[payload.byteLength - 2] ?? 0) ^ 0xff;
  expect(() => decodeRecord(payload, 7)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  expect(() => decodeRecord(Uint8Array.of(9, 1), 7)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  expect(() => decodeRecord(Uint8Array.of(0, 1), 7)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
});
