// Stream jobs on both stores: from records in a topic to what their handlers did, produced and gave up.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const orders = defineTopic({
  name: "orders",
  partitions: 3,
  schema: z.object({ id: z.string(), n: z.number() }),
  key: ({ id }) => id,
});

describe.each(streamPlaces())("on %s", (kind) => {
  test("records of each key are handled in their order, whatever the lanes and whoever takes how long", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen = new Map<string, number[]>();
    const job = streamJob({
      name: "handle_orders",
      topic: orders,
      lanes: 4,
      handle: async ({ id, n }) => {
        if (n % 7 === 0) await fixture.clock.sleep(n % 5);
        seen.set(id, [...(seen.get(id) ?? []), n]);
      },
    });
    const values = Array.from({ length: 600 }, (_, n) => ({ id: `o${n % 20}`, n }));
    await fixture.produce(orders, values.slice(0, 300));
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.produce(orders, values.slice(300));
    await fixture.untilCaughtUp(orders, "handle_orders");
    expect([...seen.values()].flat()).toHaveLength(600);
    for (const [id, numbers] of seen)
      expect(numbers).toEqual(values.filter((value) => value.id === id).map(({ n }) => n));
  });
});
