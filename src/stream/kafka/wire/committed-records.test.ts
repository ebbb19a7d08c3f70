// What readers see of transactions. The client library's own filter gets each of the first five wrong, or hides what it should not.
import { gzipSync, gunzipSync } from "node:zlib";
import { crc32c } from "@platformatic/kafka";
import { describe, expect, test } from "vitest";
import { PartitionBytes, record } from "../../../../tests/support/kafka/batches.ts";
import { expectThrown } from "../../../../tests/support/expect-thrown.ts";
import { type AbortedTransaction, CommittedRecords } from "./committed-records.ts";
import { writeBatch } from "./record-batch.ts";

describe("what was thrown away is not seen", () => {
  test("one transaction that was aborted", () => {
    const log = new PartitionBytes().add(["a"], 7).end(7, "commit").add(["b", "c"], 7).end(7, "abort").add(["d"]);
    expect(readAll(log.bytes(), [{ producerId: 7, firstOffset: 2 }])).toEqual({ values: ["a", "d"], next: 6 });
  });

  test("two aborts of one producer in one answer, and what it committed between and behind them", () => {
    const log = new PartitionBytes()
      .add(["a"], 7)
      .end(7, "abort")
      .add(["b"], 7)
      .end(7, "commit")
      .add(["c"], 7)
      .end(7, "abort")
      .add(["d"], 7)
      .end(7, "commit");
    const aborted = [
      { producerId: 7, firstOffset: 4 },
      { producerId: 7, firstOffset: 0 },
    ];
    expect(readAll(log.bytes(), aborted)).toEqual({ values: ["b", "d"], next: 8 });
  });

  test("an abort that wrote nothing here hides nothing", () => {
    const log = new PartitionBytes().add(["a"], 7).end(7, "commit").end(7, "abort").add(["b"], 7).end(7, "commit");
    expect(readAll(log.bytes(), [])).toEqual({ values: ["a", "b"], next: 5 });
  });

  test("a transaction larger than an answer stays hidden in each of them", () => {
    const log = new PartitionBytes().add(["a"], 7).add(["b"], 7).add(["c"], 7).end(7, "abort").add(["d"], 7);
    const aborted = [{ producerId: 7, firstOffset: 0 }];
    const [first, second, ...rest] = log.batches;
    expect(readAll(Buffer.concat([first ?? Buffer.alloc(0), second ?? Buffer.alloc(0)]), aborted)).toEqual({
      values: [],
      next: 2,
    });
    expect(readAll(Buffer.concat(rest), aborted, 2)).toEqual({ values: ["d"], next: 5 });
  });

  test("two producers that write through each other", () => {
    const log = new PartitionBytes()
      .add(["a1"], 1)
      .add(["b1"], 2)
      .add(["a2"], 1)
      .add(["plain"])
      .end(1, "abort")
      .add(["b2"], 2)
      .end(2, "commit");
    expect(readAll(log.bytes(), [{ producerId: 1, firstOffset: 0 }])).toEqual({
      values: ["b1", "plain", "b2"],
      next: 7,
    });
  });
});

describe("pieces", () => {
  test("end at the last offset that was looked at, also where a marker or a gap is last", () => {
    const records = reader(new PartitionBytes().add(["a", "b"], 7).end(7, "commit").bytes());
    expect(textsOf(records.take(Infinity, 1))).toEqual(["a"]);
    expect([records.next, records.isDone, records.end]).toEqual([1, false, 3]);
    expect(textsOf(records.take(Infinity, 1_000))).toEqual(["b"]);
    expect([records.next, records.isDone]).toEqual([3, true]);
  });

  test("hold nothing at or past the bound, and begin where they were asked to", () => {
    const records = reader(new PartitionBytes().add(["a", "b", "c", "d"]).bytes(), 1);
    expect(textsOf(records.take(3, 1_000))).toEqual(["b", "c"]);
    expect(records.next).toBe(3);
    expect(textsOf(records.take(Infinity, 1_000))).toEqual(["d"]);
  });

  test("hold a record that is larger than the bound alone", () => {
    const records = reader(new PartitionBytes().add(["x".repeat(500), "y".repeat(500)]).bytes());
    expect(records.take(Infinity, 10)).toHaveLength(1);
    expect(records.take(Infinity, 10)).toHaveLength(1);
  });

  test("leave out the half of a batch at the end of an answer", () => {
    const bytes = new PartitionBytes().add(["a"]).add(["b"]).bytes();
    expect(readAll(bytes.subarray(0, bytes.length - 3), [])).toEqual({ values: ["a"], next: 1 });
  });
});

test("keys, null, empty, headers that come twice and times before 1970 are kept", () => {
  const producer = { id: -1, epoch: -1, sequence: -1, isTransactional: false };
  const name = "h";
  const given = [
    {
      key: Buffer.from([0, 255]),
      value: null,
      headers: [
        { name, value: null },
        { name, value: Buffer.from("1") },
      ],
      timeMs: 5,
    },
    { key: null, value: Buffer.alloc(0), headers: [], timeMs: -86_400_000_000 },
    { ...record("ü", "ключ"), timeMs: 4_102_444_800_000 },
  ];
  const read = reader(writeBatch(given, producer, crc32c)).take(Infinity, 10_000);
  expect(read).toEqual(given.map((one, offset) => ({ ...one, offset })));
});

test("a compressed batch is read, and one that cannot be unpacked says where it is", () => {
  const batch = writeBatch(
    [record("a"), record("b")],
    { id: -1, epoch: -1, sequence: -1, isTransactional: false },
    crc32c,
  );
  const body = gzipSync(batch.subarray(61));
  const packed = Buffer.concat([batch.subarray(0, 61), body]);
  packed.writeInt32BE(packed.length - 12, 8);
  packed.writeInt16BE(1, 21);
  expect(readAll(packed, []).values).toEqual(["a", "b"]);
  packed.fill(0, 61);
  expectThrown(() => readAll(packed, []), "FORMAT_INVALID");
});

function reader(bytes: Buffer, from = 0, aborted: readonly AbortedTransaction[] = []): CommittedRecords {
  return new CommittedRecords(from, bytes, aborted, (_kind, body) => gunzipSync(body));
}

function readAll(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  from = 0,
): { readonly values: string[]; readonly next: number } {
  const records = reader(bytes, from, aborted);
  const values = textsOf(records.take(Infinity, 1_000_000));
  return { values, next: records.next };
}

function textsOf(records: readonly { readonly value: Uint8Array | null }[]): string[] {
  return records.map(({ value }) => Buffer.from(value ?? []).toString());
}
