// Appends are whole, in order, and once.
import { expect, test } from "vitest";
import {
  append,
  type LogTraits,
  type LogUnderTest,
  newRecord,
  newRecords,
  newTopic,
  readAll,
  texts,
} from "./log-fixture.ts";

export function describeAppending(given: () => LogUnderTest, traits: LogTraits): void {
  test("an append tells the offsets that it got, which rise within a partition", async () => {
    const { log } = given();
    const topic = await newTopic(given(), 2);
    const first = await append(log, topic, newRecords(3));
    const second = await append(log, topic, newRecords(2));
    expect(first.to - first.from).toBeGreaterThanOrEqual(3);
    expect(second.from).toBeGreaterThanOrEqual(first.to);
    expect(await append(log, topic, newRecords(2), 1)).toMatchObject({ partition: 1, from: 0 });
    const offsets = (await readAll(log, topic)).map(({ offset }) => offset);
    expect(offsets).toEqual(offsets.toSorted((left, right) => left - right));
    expect([offsets[0], offsets.length]).toEqual([first.from, 5]);
  });

  test("an append of nothing is nothing", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    expect(await log.append({ topic, parts: [] })).toEqual([]);
    expect((await log.findTopic(topic.name))?.bounds[0]).toMatchObject({ start: 0, end: 0 });
  });

  test("null and empty, bytes that are no text and headers of one name are what they were", async () => {
    const { log, other } = given();
    const topic = await newTopic(given());
    const binary = Buffer.from([0, 255, 254, 0, 10]);
    const records = [
      newRecord(null, { key: Buffer.from("gone") }),
      newRecord("", { key: Buffer.alloc(0) }),
      newRecord("x", {
        key: binary,
        headers: [
          { name: "trace", value: Buffer.from("1") },
          { name: "trace", value: null },
          { name: "größe", value: Buffer.alloc(0) },
          { name: "trace", value: binary },
        ],
      }),
    ];
    await append(log, topic, records);
    expect(await readAll(other, topic)).toEqual(records.map((record, offset) => ({ ...record, offset })));
  });

  test("times of records are kept, also those of ten years ago, those of tomorrow and those out of order", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    const times = [Date.now(), Date.now() - 10 * 366 * 86_400_000, Date.now() - 1, Date.now() + 86_400_000];
    await append(
      log,
      topic,
      times.map((timeMs) => newRecord("x", { timeMs })),
    );
    expect((await readAll(log, topic)).map(({ timeMs }) => timeMs)).toEqual(times);
  });

  test("a record over the limit is refused before anything of the append is there", async () => {
    const { log } = given();
    const topic = await newTopic(given(), 2);
    const large = newRecord("x".repeat(traits.tooLargeBytes));
    const parts = [
      { partition: 0, records: newRecords(2) },
      { partition: 1, records: [newRecord("small"), large] },
    ];
    await expect(log.append({ topic, parts })).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    expect([await readAll(log, topic), await readAll(log, topic, 1)]).toEqual([[], []]);
  });

  test.runIf(traits.keepsMarks)(
    "an append that is tried again by anybody is there once, and tells the offsets of the first try",
    async () => {
      const { log, other } = given();
      const topic = await newTopic(given(), 2);
      const parts = [
        { partition: 0, records: newRecords(3) },
        { partition: 1, records: newRecords(1) },
      ];
      const mark = { producer: "import", sequence: 1 };
      const first = await log.append({ topic, parts, mark });
      expect(await other.append({ topic, parts, mark })).toEqual(first);
      await other.append({ topic, parts, mark: { producer: "import", sequence: 2 } });
      await log.append({ topic, parts, mark });
      expect([await readAll(log, topic), await readAll(log, topic, 1)].map((records) => records.length)).toEqual([
        6, 2,
      ]);
    },
  );

  test("appends of several writers at once are all there, each whole and in its order, and a reader that follows misses none", async () => {
    const { log, other } = given();
    const topic = await newTopic(given());
    const writers = [log, other, log].map(async (writer, name) => {
      for (let batch = 0; batch < 8; batch += 1) await append(writer, topic, newRecords(5, `${name}/${batch}/`));
    });
    const seen: (string | null)[] = [];
    for (let at = 0; seen.length < 120;) {
      await log.waitForRecords([{ topic, partition: 0, offset: at }], {
        timeoutMs: 5_000,
        signal: AbortSignal.timeout(20_000),
      });
      const read = await log.read({ topic, partition: 0, from: at, maxBytes: 100_000 });
      seen.push(...texts(read.records));
      at = read.next;
    }
    await Promise.all(writers);
    expect(new Set(seen).size).toBe(120);
    for (const name of ["0", "1", "2"]) {
      const own = seen.filter((text) => text?.startsWith(`${name}/`));
      expect(own).toEqual(Array.from({ length: 40 }, (_, index) => `${name}/${Math.floor(index / 5)}/${index % 5}`));
    }
    expect(texts(await readAll(log, topic))).toEqual(seen);
  });

  test("one append to many partitions is whole", async () => {
    const { log } = given();
    const topic = await newTopic(given(), traits.manyPartitions);
    const parts = Array.from({ length: traits.manyPartitions }, (_, partition) => ({
      partition,
      records: newRecords(2),
    }));
    expect(await log.append({ topic, parts })).toHaveLength(traits.manyPartitions);
    const bounds = (await log.findTopic(topic.name))?.bounds ?? [];
    expect(bounds.filter(({ end }) => end >= 2)).toHaveLength(traits.manyPartitions);
  });

  test.runIf(traits.takesLargeHeaders)("headers of four megabytes come back, a block of their own", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    const header = { name: "trace", value: Buffer.alloc(4_000_000, "abc") };
    await append(log, topic, [newRecord("a"), newRecord("b", { headers: [header] }), newRecord("c")]);
    const records = await readAll(log, topic);
    expect(texts(records)).toEqual(["a", "b", "c"]);
    expect(records[1]?.headers[0]?.value?.byteLength).toBe(4_000_000);
  });
}
