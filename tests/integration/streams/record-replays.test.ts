// Replays of jobs that handle records, on both stores: the same records once more, up to an end, and nothing else moves.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { replayParam } from "../../../src/core/stream/replay-param.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const orders = defineTopic({
  name: "orders",
  partitions: 2,
  schema: z.object({ id: z.string(), n: z.number() }),
  key: ({ id }) => id,
});
const totals = defineTopic({ name: "totals", schema: z.object({ id: z.string() }) });

describe.each(streamPlaces())("on %s", (kind) => {
  test("a replay handles what the live group has handled, and what it produces is dropped", async () => {
    await using fixture = await createStreamFixture(kind);
    const { store } = fixture;
    const live: string[] = [];
    const replayed: string[] = [];
    const refused: unknown[] = [];
    const job = streamJob({
      name: "sums",
      topic: orders,
      produces: [totals],
      handle: ({ id, n }, ctx) => {
        (ctx.replay ? replayed : live).push(`${ctx.record.id} ${id} ${n}`);
        ctx.produce(totals, [{ id }]);
        if (!ctx.replay) return;
        try {
          ctx.connection("crm");
        } catch (error) {
          refused.push(error);
        }
      },
    });
    const values = Array.from({ length: 300 }, (_, n) => ({ id: `o${n % 17}`, n }));
    await fixture.produce(orders, values);
    await fixture.startWorker([job], { slots: 2 });
    await fixture.submit(job);
    await fixture.untilCaughtUp(orders, "sums");
    const before = await fixture.group("sums");
    const topic = await fixture.log.findTopic("orders");
    const id = "sums@replay-1";
    const ranges = (topic?.bounds ?? []).map(({ partition, end }) => {
      return { topic: { name: "orders", id: topic?.id ?? "" }, partition, from: 0, to: end };
    });
    // what comes later is not of the replay
    await fixture.produce(orders, [{ id: "late", n: 300 }]);
    await fixture.untilCaughtUp(orders, "sums");
    const replay = { id, job: "sums", ranges, withEffects: false, isSwapWanted: false, createdBy: "ada" };
    await store.startReplay(replay);
    const runId = await fixture.submit(job, { [replayParam]: { id, withEffects: false } });
    const run = await fixture.until(async () => {
      const found = await store.findRun(runId);
      return found?.state === "FINISHED" || found?.state === "ERROR" ? found : undefined;
    });
    expect(run).toMatchObject({ state: "FINISHED", result: { records: 300 } });
    expect(replayed.toSorted()).toEqual(live.slice(0, 300).toSorted());
    expect(await fixture.valuesOf(totals)).toHaveLength(301);
    expect(refused[0]).toMatchObject({ code: "EFFECTS_OFF" });
    expect(await store.findReplay(id)).toMatchObject({ positions: ranges.map(({ to }) => to) });
    const after = await fixture.group("sums");
    expect(after.members).toEqual(before.members);
    // where topics are on Kafka, the ends of transactions have offsets, too
    const ends = (await fixture.log.findTopic("orders"))?.bounds ?? [];
    expect(after.positions.map(({ offset }) => offset)).toEqual(ends.map(({ end }) => end));
  });
});
