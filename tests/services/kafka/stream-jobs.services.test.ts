// The suites of stream jobs once more, with their topics on a real Kafka: what jobs, joins, stores and replays promise does not depend
// on where records lie.
import { afterAll, expect, test } from "vitest";
import type { StreamLog } from "../../../src/core/stream/stream-log.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { openLog } from "../../support/kafka/open-log.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { putTopicsOnKafka } from "../../support/streams/stream-places.ts";
import { startKafka } from "./kafka-broker.ts";

const broker = await startKafka();
afterAll(() => broker[Symbol.asyncDispose]());
putTopicsOnKafka(broker.address);

const suites = [
  "records",
  "failures",
  "leaving",
  "replicas",
  "topic-changes",
  "joins",
  "stores",
  "claim-checks",
  "record-replays",
  "crashes",
];
for (const suite of suites) await import(`../../integration/streams/${suite}.test.ts`);

test("while a handler stands still no more than two chunks of its partition are read from Kafka", async () => {
  await using log = await openLog({ brokers: [broker.address], topicPrefix: "still." }, 60_000);
  const reads: number[] = [];
  await using fixture = await createStreamFixture("sqlite", counting(log, reads));
  const large = defineTopic<"large", { readonly text: string }>({ name: "large" });
  const entered = Promise.withResolvers<void>();
  const job = streamJob({
    name: "stand",
    topic: large,
    handle: async (_, ctx) => {
      entered.resolve();
      await new Promise((_resolve, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("left"))));
    },
  });
  const text = "x".repeat(9_000);
  for (let part = 0; part < 20; part += 1)
    await fixture.produce(
      large,
      Array.from({ length: 100 }, () => ({ text })),
    );
  await fixture.startWorker([job], { windDownMs: 100 });
  await fixture.submit(job);
  await entered.promise;
  await fixture.clock.sleep(1_000);
  expect(reads.length).toBeGreaterThan(0);
  expect(reads.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(3_000_000);
});

/** The log, which notes the bytes of each read. */
function counting(log: StreamLog, reads: number[]): StreamLog {
  return new Proxy(log, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (name !== "read") return method.bind(target) as unknown;
      return async (...given: Parameters<StreamLog["read"]>) => {
        const read = await target.read(...given);
        reads.push(read.records.reduce((sum, { value }) => sum + (value?.byteLength ?? 0), 0));
        return read;
      };
    },
  });
}
