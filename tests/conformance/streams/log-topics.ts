// Topics are made, grown, trimmed, deleted and made again.
import { expect, test } from "vitest";
import { append, type LogUnderTest, newRecords, newTopic, readAll } from "./log-fixture.ts";

export function describeTopics(given: () => LogUnderTest): void {
  test("a topic that is declared again is the same one, and is found by its name", async () => {
    const { log, other } = given();
    const topic = await newTopic(given(), 2);
    expect(topic.bounds).toMatchObject([
      { partition: 0, start: 0, end: 0 },
      { partition: 1, start: 0, end: 0 },
    ]);
    const { name, partitions, retentionMs } = topic;
    expect((await other.declareTopic({ name, partitions, retentionMs })).id).toBe(topic.id);
    expect((await log.findTopic(name))?.id).toBe(topic.id);
    expect((await log.listTopics()).map((known) => known.name)).toContain(name);
    expect(await log.findTopic("t_of_nobody")).toBeUndefined();
  });

  test("partitions are raised, and what lies in the others stays; they are never lowered", async () => {
    const { log } = given();
    const topic = await newTopic(given(), 2);
    await append(log, topic, newRecords(3), 1);
    const raised = await log.declareTopic({ ...topic, partitions: 4 });
    expect(raised.bounds.map(({ partition }) => partition)).toEqual([0, 1, 2, 3]);
    expect(await readAll(log, raised, 1)).toHaveLength(3);
    await append(log, raised, newRecords(1), 3);
    await expect(log.declareTopic({ ...topic, partitions: 3 })).rejects.toMatchObject({ code: "TOPIC_MISMATCH" });
  });

  test("who reads before the start of a trimmed topic is told both offsets, and so is who reads past the end", async () => {
    const { log } = given();
    const topic = await newTopic(given());
    await append(log, topic, newRecords(10));
    await log.truncate(topic, 0, 4);
    const read = { topic, partition: 0, maxBytes: 1_000 };
    await expect(log.read({ ...read, from: 3 })).rejects.toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      details: { offset: 3, start: 4 },
    });
    await expect(log.read({ ...read, from: 11 })).rejects.toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      details: { offset: 11, end: 10 },
    });
    expect((await readAll(log, topic, 0, 4)).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8, 9]);
    expect((await log.findTopic(topic.name))?.bounds[0]).toMatchObject({ start: 4, end: 10 });
  });

  test("who knows a topic that was deleted is told so, and that there is another one of its name", async () => {
    const { log, other } = given();
    const topic = await newTopic(given());
    await append(log, topic, newRecords(2));
    await other.deleteTopic(topic);
    const read = { topic, partition: 0, from: 0, maxBytes: 1_000 };
    await expect(log.read(read)).rejects.toMatchObject({ code: "TOPIC_UNKNOWN" });
    const anew = await other.declareTopic({ name: topic.name, partitions: 1, retentionMs: undefined });
    expect(anew.id).not.toBe(topic.id);
    await expect(log.read(read)).rejects.toMatchObject({ code: "TOPIC_CHANGED" });
    await expect(append(log, topic, newRecords(1))).rejects.toMatchObject({ code: "TOPIC_CHANGED" });
    await expect(log.offsetAt(topic, 0, 1)).rejects.toMatchObject({ code: "TOPIC_CHANGED" });
    expect(await readAll(log, anew)).toEqual([]);
  });
}
