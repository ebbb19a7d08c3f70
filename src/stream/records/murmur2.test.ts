// Keys lie where the Java client of Kafka puts them.
import { Partitioners } from "kafkajs";
import { expect, test } from "vitest";
import { murmur2 } from "./murmur2.ts";
import { partitionOfKey, partitionRecords } from "./partition-records.ts";

test("hashes are those of the Java client's own tests", () => {
  const hashes = [
    "21",
    "foobar",
    "a-little-bit-long-string",
    "a-little-bit-longer-string",
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
    "abc",
  ].map((text) => murmur2(Buffer.from(text)));
  expect(hashes).toEqual([-973932308, -790332482, -985981536, -1486304829, -58897971, 479470107]);
});

test("an empty key has a partition, and bytes above 127 count as the unsigned ones that they are", () => {
  expect(partitionOfKey(new Uint8Array(), 4)).toBe(1);
  const text = "schlüssel-ключ-鍵";
  expect(partitionOfKey(Buffer.from(text), 12)).toBe(partitionOfKey(new TextEncoder().encode(text), 12));
});

test("records of a key stay in their order, and those without one go where the caller says", () => {
  const record = (key: string | null) => ({
    key: key === null ? null : Buffer.from(key),
    value: null,
    headers: [],
    timeMs: 1,
  });
  const records = [record("a"), record(null), record("b"), record("a")];
  const parts = partitionRecords(records, 3, 7);
  const at = (partition: number) => parts.find((part) => part.partition === partition)?.records ?? [];
  expect(at(partitionOfKey(Buffer.from("a"), 3)).filter(({ key }) => key?.toString() === "a")).toHaveLength(2);
  expect(at(7 % 3)).toContain(records[1]);
  expect(parts.flatMap((part) => part.records)).toHaveLength(4);
});

test.each([3, 4, 6, 12])("of %i partitions a key has the one that another client gives it", (partitions) => {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
  const other = Partitioners.DefaultPartitioner();
  const keys = ["", "a", "k".repeat(100), "größe-ключ-鍵", "\u0000\uffff"].concat(
    Array.from({ length: 200 }, (_, n) => `order-${n}`),
  );
  for (const key of keys) {
    const theirs = other({ topic: "t", partitionMetadata: partitionMetadata as never, message: { key, value: null } });
    expect([key, partitionOfKey(Buffer.from(key), partitions)]).toEqual([key, theirs]);
  }
});
