// What becomes of records that fail, on both stores.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const mails = defineTopic({
  name: "mails",
  schema: z.object({ to: z.string(), n: z.number() }),
  key: ({ to }) => to,
});
const sent = defineTopic({ name: "sent", schema: z.object({ to: z.string(), n: z.number() }) });
/** The same topic before it had a schema. */
const anything = defineTopic({ name: "mails" });

describe.each(streamPlaces())("on %s", (kind) => {
  test("a record that another try would not help is a dead letter at once, with its bytes and what failed", async () => {
    await using fixture = await createStreamFixture(kind);
    const tries: number[] = [];
    const job = streamJob({
      name: "send",
      topic: mails,
      handle: ({ n }) => {
        tries.push(n);
        if (n === 1) throw new Error("no such mailbox");
      },
    });
    await fixture.produce(
      mails,
      [0, 1, 2].map((n) => ({ to: "a", n })),
    );
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.untilCaughtUp(mails, "send");
    expect(tries).toEqual([0, 1, 2]);
    const [letter] = await fixture.store.listDeadLetters({ group: "send", limit: 10 });
    expect(letter).toMatchObject({
      topic: "mails",
      offset: 1,
      keyText: "a",
      attempts: 1,
      errorCode: "JOB_FAILED",
      errorMessage: "no such mailbox",
      state: "open",
    });
  });

  test("a record that does not fit the schema is a dead letter that names the place and no data", async () => {
    await using fixture = await createStreamFixture(kind);
    const handled: number[] = [];
    const job = streamJob({ name: "send", topic: mails, handle: ({ n }) => void handled.push(n) });
    await fixture.produce(anything, [{ to: "a", n: 1 }, { to: "a", n: "secret" }, "text", { to: "a", n: 2 }]);
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.untilCaughtUp(mails, "send");
    expect(handled).toEqual([1, 2]);
    const letters = await fixture.store.listDeadLetters({ group: "send", limit: 10 });
    expect(letters.map(({ errorCode }) => errorCode)).toEqual(["RECORD_INVALID", "RECORD_INVALID"]);
    expect(letters.map(({ errorMessage }) => errorMessage)).toEqual([
      "value does not fit the schema of topic `mails`",
      "value does not fit the schema of topic `mails`, at: `n`",
    ]);
  });

  test.each(["park", "block"] as const)(
    "what is transient is tried again and its key keeps its order: %s",
    async (onFailure) => {
      await using fixture = await createStreamFixture(kind);
      const seen: string[] = [];
      const tries: number[] = [];
      const job = streamJob({
        name: "send",
        topic: mails,
        onFailure,
        deadLetter: { wait: "20ms" },
        produces: [sent],
        handle: (mail, ctx) => {
          if (mail.n === 1) {
            tries.push(ctx.record.tries);
            ctx.produce(sent, [{ to: "never", n: -1 }]);
            if (tries.length < 3) throw new MillraceError("SERVICE_UNAVAILABLE", "away for a moment");
          }
          seen.push(`${mail.to}${mail.n}`);
          ctx.produce(sent, [mail]);
        },
      });
      await fixture.produce(
        mails,
        [0, 1, 2, 3].flatMap((n) => [
          { to: "a", n },
          { to: "b", n: n + 10 },
        ]),
      );
      await fixture.startWorker([job]);
      await fixture.submit(job);
      await fixture.untilCaughtUp(mails, "send");
      expect(tries).toEqual([0, 1, 2]);
      expect(seen.filter((text) => text.startsWith("a"))).toEqual(["a0", "a1", "a2", "a3"]);
      expect(seen.filter((text) => text.startsWith("b"))).toEqual(["b10", "b11", "b12", "b13"]);
      if (onFailure === "park") expect(seen.indexOf("b13")).toBeLessThan(seen.indexOf("a1"));
      const produced = (await fixture.valuesOf(sent)) as { to: string; n: number }[];
      expect(produced.filter(({ to }) => to === "a").map(({ n }) => n)).toEqual([0, 1, 2, 3]);
      expect(produced.filter(({ to }) => to === "never")).toHaveLength(1);
      expect(await fixture.store.listDeadLetters({ group: "send", limit: 10 })).toEqual([]);
    },
  );

  test("after its tries a record is a dead letter, and those of its key behind it go on; given back, it is handled", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: number[] = [];
    let isBroken = true;
    const job = streamJob({
      name: "send",
      topic: mails,
      deadLetter: { after: 3, wait: "5ms" },
      handle: ({ n }) => {
        if (n === 0 && isBroken) throw new MillraceError("SERVICE_UNAVAILABLE", "away for good");
        seen.push(n);
      },
    });
    await fixture.produce(
      mails,
      [0, 1, 2].map((n) => ({ to: "a", n })),
    );
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.untilCaughtUp(mails, "send");
    expect(seen).toEqual([1, 2]);
    const [letter] = await fixture.store.listDeadLetters({ group: "send", limit: 10 });
    expect([letter?.offset, letter?.attempts, letter?.errorCode]).toEqual([0, 3, "SERVICE_UNAVAILABLE"]);
    isBroken = false;
    await fixture.store.retryDeadLetters({ group: "send", limit: 10 });
    await fixture.until(async () => seen.length === 3);
    expect(seen).toEqual([1, 2, 0]);
  });
});
