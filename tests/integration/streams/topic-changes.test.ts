// What happens to a topic while a job works through it: it grows, it is trimmed past the group, it is deleted and made again.
import { describe, expect, test } from "vitest";
import type { ErrorRecord } from "../../../src/core/errors/errors.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import { defineTopic, type Topic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture, type StreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

interface Step {
  readonly n: number;
}

const topicOf = (partitions: number): Topic<"steps", Step> =>
  defineTopic({ name: "steps", partitions, key: ({ n }: Step) => String(n % 30) });
const steps = topicOf(1);

describe.each(streamPlaces())("on %s", (kind) => {
  test("partitions that are added while a job works are worked through, and its log says that keys may have moved", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: number[] = [];
    const job = walking(seen);
    await fixture.produce(steps, numbers(0, 40));
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await fixture.untilCaughtUp(steps, "walk");
    await fixture.produce(topicOf(4), numbers(40, 160));
    await fixture.untilCaughtUp(steps, "walk");
    expect(seen.toSorted((a, b) => a - b)).toEqual(numbers(0, 160).map(({ n }) => n));
    const lines = await fixture.until(async () => {
      const found = (await fixture.store.listLogs(runId, 0, 100)).filter(({ level }) => level === "warn");
      return found.length > 0 && found;
    });
    expect(lines.map(({ message }) => message)).toEqual([
      "topic `steps` has 4 partitions now, it had `1`: a key may lie in another one than before",
    ]);
  });

  test("a group that a topic was trimmed past stops with both offsets, and goes on where a person puts it", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: number[] = [];
    const job = walking(seen);
    await fixture.produce(steps, numbers(0, 5));
    const worker = await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.untilCaughtUp(steps, "walk");
    await worker.stop();
    await fixture.produce(steps, numbers(5, 30));
    const topic = await fixture.log.findTopic("steps");
    if (topic === undefined) throw new Error("no topic");
    await fixture.log.truncate(topic, 0, 20);
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    expect(await errorOf(fixture, runId)).toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      details: { offset: 5, start: 20 },
    });
    expect(seen).toHaveLength(5);
    const place = { topic: topic.name, topicId: topic.id, partition: 0, offset: 20 };
    await fixture.store.seekGroup("walk", [place], { force: true });
    await fixture.submit(job);
    await fixture.untilCaughtUp(steps, "walk");
    expect(seen).toEqual([...numbers(0, 5), ...numbers(20, 30)].map(({ n }) => n));
  });

  test("a topic that is deleted and made again under a job stops it, and nothing of the new one is handled", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: number[] = [];
    const job = walking(seen);
    await fixture.produce(steps, numbers(0, 5));
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await fixture.untilCaughtUp(steps, "walk");
    const topic = await fixture.log.findTopic("steps");
    if (topic === undefined) throw new Error("no topic");
    await fixture.log.deleteTopic(topic);
    await fixture.produce(steps, numbers(100, 120));
    // who looks in between finds none
    expect(["TOPIC_CHANGED", "TOPIC_UNKNOWN"]).toContain((await errorOf(fixture, runId)).code);
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });
});

function walking(seen: number[]): ReturnType<typeof streamJob<"walk", typeof steps>> {
  return streamJob({ name: "walk", topic: steps, handle: ({ n }) => void seen.push(n) });
}

function numbers(from: number, to: number): readonly Step[] {
  return Array.from({ length: to - from }, (_, index) => ({ n: from + index }));
}

async function errorOf(fixture: StreamFixture, runId: RunId): Promise<ErrorRecord> {
  return await fixture.until(async () => {
    const run = await fixture.store.findRun(runId);
    return run?.state === "ERROR" ? run.error : undefined;
  });
}
