// A stream worker leaves when it is asked to, holds bounded memory while its handler stands still, and waits for what is out of service.
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob } from "../../../src/core/job/job.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { ShiftedClock } from "../../support/streams/shifted-clock.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

interface Step {
  readonly n: number;
}

const steps = defineTopic<"steps", Step>({ name: "steps" });
const copies = defineTopic<"copies", Step>({ name: "copies" });
const numbers = (from: number, to: number): readonly Step[] =>
  Array.from({ length: to - from }, (_, index) => ({ n: from + index }));

describe.each(streamPlaces())("on %s", (kind) => {
  test("a pause ends it between records, with what is done committed, and it goes on after a resume", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: number[] = [];
    const job = streamJob({
      name: "walk",
      topic: steps,
      handle: async ({ n }) => {
        await fixture.clock.sleep(3);
        seen.push(n);
      },
    });
    await fixture.produce(steps, numbers(0, 200));
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await fixture.until(async () => seen.length > 5);
    await fixture.store.control({ action: "pause", target: { runId }, by: "ann" });
    await fixture.until(async () => (await fixture.store.findRun(runId))?.state === "PAUSED");
    const [position] = (await fixture.group("walk")).positions;
    expect(position?.offset).toBe(seen.length);
    expect(seen.length).toBeLessThan(200);
    await fixture.store.control({ action: "resume", target: { runId }, by: "ann" });
    await fixture.untilCaughtUp(steps, "walk");
    expect(seen).toEqual(numbers(0, 200).map(({ n }) => n));
  });

  test("a stop drops the record that is in work, and leaves its partition to the next run", async () => {
    await using fixture = await createStreamFixture(kind);
    const entered = Promise.withResolvers<void>();
    let isStuck = true;
    const seen: number[] = [];
    const job = streamJob({
      name: "walk",
      topic: steps,
      produces: [copies],
      handle: async (step, ctx) => {
        ctx.produce(copies, [step]);
        if (step.n === 3 && isStuck) {
          entered.resolve();
          await new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("left"))));
        }
        seen.push(step.n);
      },
    });
    await fixture.produce(steps, numbers(0, 6));
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await entered.promise;
    await fixture.store.control({ action: "stop", target: { runId }, by: "ann" });
    await fixture.until(async () => (await fixture.store.findRun(runId))?.state === "ERROR");
    expect((await fixture.store.findRun(runId))?.reason).toBe("stopped");
    isStuck = false;
    await fixture.submit(job);
    await fixture.untilCaughtUp(steps, "walk");
    expect(seen.slice(3)).toEqual([3, 4, 5]);
    expect(await fixture.valuesOf(copies)).toEqual(numbers(0, 6));
    expect(await fixture.store.listDeadLetters({ group: "walk", limit: 9 })).toEqual([]);
  });

  test("while a connection is out of service nothing is tried and nothing becomes a dead letter", async () => {
    await using fixture = await createStreamFixture(kind);
    let calls = 0;
    const job = streamJob({
      name: "send",
      topic: steps,
      connections: ["mail"],
      deadLetter: { after: 3, wait: "1ms" },
      handle: () => {
        calls += 1;
        throw new MillraceError("SERVICE_UNAVAILABLE", "503");
      },
    });
    await fixture.produce(steps, numbers(0, 50));
    await fixture.startWorker([job]);
    const first = await fixture.submit(job);
    await fixture.until(async () => (await fixture.store.findBreaker("mail"))?.state === "open");
    // What was under way when it opened may still end; then all is quiet for several looks.
    await fixture.until(async () => {
      const before = calls;
      await fixture.clock.sleep(1_000);
      return calls === before;
    });
    // another replica waits before it begins
    const quiet = calls;
    const next = await fixture.submit(job, { replica: 1 });
    expect(next).not.toBe(first);
    await fixture.store.control({ action: "pause", target: { runId: first }, by: "ann" });
    await fixture.until(async () => (await fixture.store.findRun(first))?.state === "PAUSED");
    await fixture.clock.sleep(300);
    expect((await fixture.store.findRun(next))?.state).toBe("PENDING");
    expect(calls).toBe(quiet);
    expect(await fixture.store.listDeadLetters({ group: "send", limit: 9 })).toEqual([]);
    expect(calls).toBeLessThan(10);
  });

  test("values that a job produces are there once, however often it is tried", async () => {
    await using fixture = await createStreamFixture(kind);
    let attempts = 0;
    const job = defineJob({
      name: "make",
      retry: { maxRetries: 3, backoff: "constant", baseDelay: "1ms" },
      execute: async (ctx) => {
        attempts += 1;
        const { records } = await ctx.produce(steps, numbers(0, 10));
        if (attempts < 3) throw new MillraceError("SERVICE_UNAVAILABLE", "after it was produced");
        await ctx.produce(steps, numbers(10, 12), { name: "rest", headers: { by: "make" } });
        return { records };
      },
    });
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    await fixture.until(async () => (await fixture.store.findRun(runId))?.state === "FINISHED");
    expect(attempts).toBe(3);
    expect(await fixture.valuesOf(steps)).toEqual(numbers(0, 12));
  });

  // reads of Kafka are counted where they are tested against a broker
  test.skipIf(kind === "kafka")(
    "a handler that stands still for minutes holds two chunks of its partition and no more, and its run stays a member",
    async () => {
      const clock = new ShiftedClock();
      await using fixture = await createStreamFixture(kind, undefined, clock);
      const large = defineTopic<"large", { readonly text: string }>({ name: "large" });
      const text = "x".repeat(10_000);
      const reads: number[] = [];
      const entered = Promise.withResolvers<void>();
      const job = streamJob({
        name: "stand",
        topic: large,
        handle: async (_, ctx) => {
          entered.resolve();
          await new Promise((_resolve, reject) =>
            ctx.signal.addEventListener("abort", () => reject(new Error("left"))),
          );
        },
      });
      for (let part = 0; part < 20; part += 1)
        await fixture.produce(
          large,
          Array.from({ length: 100 }, () => ({ text })),
        );
      const counting = new Proxy(fixture.store, {
        get(target, name) {
          if (name !== "readBlocks") return Reflect.get(target, name, target) as unknown;
          return async (read: Parameters<typeof target.readBlocks>[0]) => {
            const found = await target.readBlocks(read);
            reads.push(found.blocks.reduce((sum, { count }) => sum + count, 0));
            return found;
          };
        },
      });
      await fixture.startWorker([job], { store: counting, windDownMs: 100, leaseTtlMs: 3_600_000 });
      await fixture.submit(job);
      await entered.promise;
      const { generation } = await fixture.group("stand");
      for (let minute = 0; minute < 10; minute += 1) {
        clock.shift(60_000);
        await fixture.clock.sleep(150);
      }
      expect(await fixture.group("stand")).toMatchObject({ generation, members: [{ partitions: [0] }] });
      expect(reads.length).toBe(2);
      expect(reads.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(300);
    },
  );
});
