// Reads are bounded, end where they are told, find times, and wait for what comes.
import { expect, test } from "vitest";
import { append, type LogUnderTest, newRecord, newRecords, newTopic, readAll, texts } from "./log-fixture.ts";

export function describeReading(given: () => LogUnderTest): void {
  test("a read at the end holds nothing and stays where it is", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    expect(await log.read({ topic, partition: 0, from: 0, maxBytes: 1 })).toMatchObject({
      records: [],
      next: 0,
      end: 0,
    });
    const { to } = await append(log, topic, newRecords(1));
    expect(await log.read({ topic, partition: 0, from: to, maxBytes: 1 })).toMatchObject({ records: [], next: to });
  });

  test("a read begins within what was appended together, and holds at least one record whatever its size", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    await append(log, topic, newRecords(10));
    await append(log, topic, [newRecord("x".repeat(200_000))]);
    const { records } = await log.read({ topic, partition: 0, from: 7, maxBytes: 1 });
    expect(records.length).toBeGreaterThan(0);
    expect(texts(records).slice(0, 3)).toEqual(["7", "8", "9"].slice(0, records.length));
    const last = await log.read({ topic, partition: 0, from: 10, maxBytes: 1 });
    expect(last.records.map(({ value }) => value?.byteLength)).toEqual([200_000]);
  });

  test("reads are bounded by bytes, and one after the other they hold all in order", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    const value = "x".repeat(1_000);
    for (let batch = 0; batch < 20; batch += 1) {
      await append(
        log,
        topic,
        Array.from({ length: 50 }, (_, index) => newRecord(`${batch * 50 + index}:${value}`)),
      );
    }
    const numbers: number[] = [];
    for (let at = 0; numbers.length < 1_000;) {
      const { records, next } = await log.read({ topic, partition: 0, from: at, maxBytes: 200_000 });
      expect(records.length).toBeLessThan(400);
      numbers.push(...texts(records).map((text) => Number.parseInt(text ?? "", 10)));
      at = next;
    }
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });

  test("a read to a fixed end stops there although writers go on", async () => {
    const { log, other } = given();
    const topic = await newTopic(given());
    await append(log, topic, newRecords(6));
    const end = (await log.findTopic(topic.name))?.bounds[0]?.end;
    await append(other, topic, newRecords(6, "late "));
    expect(texts(await readAll(log, topic, 0, 0, end))).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(texts(await readAll(log, topic, 0, 2, 4))).toEqual(["2", "3"]);
  });

  test("a time is found where the first record of it or after it lies, whatever the order of times", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    const base = Date.now() - 1_000;
    for (const times of [
      [10, 30, 20],
      [25, 40],
      [15, 35, 60],
    ]) {
      await append(
        log,
        topic,
        times.map((time) => newRecord("x", { timeMs: base + time })),
      );
    }
    const found = await Promise.all(
      [0, 10, 11, 30, 31, 40, 41, 60, 61].map((time) => log.offsetAt(topic, 0, base + time)),
    );
    expect(found).toEqual([0, 0, 1, 1, 4, 4, 7, 7, 8]);
    await log.truncate(topic, 0, 4);
    expect(await log.offsetAt(topic, 0, base)).toBe(4);
  });

  test("who waits is woken by an append of another client, at the latest after the time it gives", async () => {
    const { log, other } = given();
    const topic = await newTopic(given(), 2);
    const positions = [0, 1].map((partition) => ({ topic, partition, offset: 0 }));
    const signal = AbortSignal.timeout(30_000);
    await log.waitForRecords(positions, { timeoutMs: 20, signal });
    const woken = log.waitForRecords(positions, { timeoutMs: 25_000, signal });
    await append(other, topic, newRecords(1), 1);
    await woken;
    expect(signal.aborted).toBe(false);
    const stop = new AbortController();
    const stopped = log.waitForRecords([{ topic, partition: 0, offset: 0 }], {
      timeoutMs: 25_000,
      signal: stop.signal,
    });
    stop.abort();
    await stopped;
    expect(signal.aborted).toBe(false);
  });
}
