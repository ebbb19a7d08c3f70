// Runs that stay take places of their own: neither they nor runs that end keep each other from starting.
import { describe, expect, test } from "vitest";
import { defineJob } from "../../../src/core/job/job.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const events = defineTopic({ name: "events", partitions: 2 });
const stay = streamJob({ name: "stay", topic: events, handle: () => undefined });

describe.each(streamPlaces())("on %s", (kind) => {
  test("the worker of a stream takes no slot from runs that end, and no slot is lent to a second one", async () => {
    await using fixture = await createStreamFixture(kind);
    const short = defineJob({ name: "short", execute: () => 1 });
    await fixture.startWorker([stay, short], { slots: 1, places: 1 });
    const stateOf = async (id: Awaited<ReturnType<typeof fixture.submit>>): Promise<string | undefined> =>
      (await fixture.store.findRun(id))?.state;
    const first = await fixture.submit(stay, { replica: 0 });
    await fixture.until(async () => (await stateOf(first)) === "RUNNING");
    const second = await fixture.submit(stay, { replica: 1 });
    // Runs that end come and go behind it, so it was passed over, and not only not looked at.
    for (let count = 0; count < 3; count += 1) {
      const run = await fixture.submit(short);
      await fixture.until(async () => (await stateOf(run)) === "FINISHED");
    }
    expect([await stateOf(first), await stateOf(second)]).toEqual(["RUNNING", "PENDING"]);
    await fixture.store.control({ action: "stop", target: { runId: first }, by: "ann" });
    await fixture.until(async () => (await stateOf(second)) === "RUNNING");
  });

  test("the worker of a stream starts while all slots are taken", async () => {
    await using fixture = await createStreamFixture(kind);
    const { promise: isOver, resolve: end } = Promise.withResolvers<number>();
    const long = defineJob({ name: "long", execute: () => isOver });
    const next = defineJob({ name: "next", execute: () => 1 });
    await fixture.startWorker([stay, long, next], { slots: 1, places: 1 });
    const busy = await fixture.submit(long);
    await fixture.until(async () => (await fixture.store.findRun(busy))?.state === "RUNNING");
    const waiting = await fixture.submit(next);
    await fixture.submit(stay);
    await fixture.until(async () => (await fixture.store.findGroup("stay"))?.members.length === 1);
    expect((await fixture.store.findRun(waiting))?.state).toBe("PENDING");
    end(1);
    await fixture.until(async () => (await fixture.store.findRun(waiting))?.state === "FINISHED");
  });
});
