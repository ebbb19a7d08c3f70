// Workers that look into local stores, on both stores of the engine: the mail example, with two runs on one machine.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineLookup } from "../../../src/core/stream/lookup.ts";
import { defineStore, type StoreState } from "../../../src/core/stream/store.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { joinJob } from "../../../src/stream/jobs/join-job.ts";
import { streamJob } from "../../../src/stream/jobs/stream-job.ts";
import { createStreamFixture } from "../../support/streams/stream-fixture.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const users = defineTopic({
  name: "users",
  partitions: 2,
  schema: z.object({ id: z.string(), email: z.string() }),
  key: ({ id }) => id,
});
const mails = defineTopic({
  name: "mails",
  partitions: 2,
  schema: z.object({ userId: z.string(), n: z.number() }),
  key: ({ userId }) => userId,
});
const addresses = defineStore({
  name: "addresses",
  topic: users,
  apply: (store: StoreState<string>, { id, email }) => store.set(id, email),
});

describe.each(streamPlaces())("on %s", (kind) => {
  test("every handler finds what the topic had when its worker started, in whichever partition", async () => {
    await using fixture = await createStreamFixture(kind);
    const sent: string[] = [];
    const job = streamJob({
      name: "mail",
      topic: mails,
      stores: [addresses],
      replicas: 2,
      handle: ({ userId }, ctx) => {
        const address: string | undefined = ctx.store(addresses).get(userId);
        sent.push(`${address} as of ${ctx.store("addresses").asOf() instanceof Date}`);
      },
    });
    const people = Array.from({ length: 200 }, (_, n) => ({ id: `u${n}`, email: `u${n}@example.org` }));
    await fixture.produce(users, people);
    await fixture.produce(
      mails,
      Array.from({ length: 400 }, (_, n) => ({ userId: `u${n % 200}`, n })),
    );
    await fixture.startWorker([job], { slots: 2, places: 2 });
    await fixture.submit(job, { replica: 0 });
    await fixture.submit(job, { replica: 1 });
    await fixture.untilCaughtUp(mails, "mail");
    expect(sent).toHaveLength(400);
    expect(new Set(sent)).toEqual(new Set(people.map(({ email }) => `${email} as of true`)));
  });

  test("the handler of a join looks into stores and asks lookups", async () => {
    await using fixture = await createStreamFixture(kind);
    const read = defineTopic({
      name: "read",
      partitions: 2,
      schema: z.object({ userId: z.string() }),
      key: ({ userId }) => userId,
    });
    const names = defineLookup({
      name: "names",
      load: (ids: readonly string[]) => Promise.resolve(new Map(ids.map((id) => [id, id.toUpperCase()]))),
    });
    const answered: unknown[] = [];
    const job = joinJob({
      name: "answered",
      by: "userId",
      inputs: { mail: mails, read },
      expire: "1h",
      stores: [addresses],
      handle: async ({ mail }, ctx) => {
        answered.push([await ctx.lookup(names, mail.userId), ctx.store(addresses).get(mail.userId)]);
      },
    });
    await fixture.produce(users, [{ id: "u1", email: "u1@example.org" }]);
    await fixture.produce(mails, [{ userId: "u1", n: 1 }]);
    await fixture.produce(read, [{ userId: "u1" }]);
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.untilCaughtUp(read, "answered");
    await fixture.untilCaughtUp(mails, "answered");
    expect(answered).toEqual([["U1", "u1@example.org"]]);
  });

  test("a store that cannot be made ends its run with the reason", async () => {
    await using fixture = await createStreamFixture(kind);
    const broken = defineStore({
      name: "broken",
      topic: users,
      apply: () => {
        throw new Error("no such thing");
      },
    });
    const job = streamJob({ name: "mail", topic: mails, stores: [broken], handle: () => undefined });
    await fixture.produce(users, [{ id: "u1", email: "u1@example.org" }]);
    await fixture.produce(mails, [{ userId: "u1", n: 1 }]);
    await fixture.startWorker([job]);
    const runId = await fixture.submit(job);
    const run = await fixture.until(async () => {
      const found = await fixture.store.findRun(runId);
      return found?.state === "ERROR" ? found : undefined;
    });
    expect(run.error).toMatchObject({ code: "STORE_APPLY_FAILED" });
    expect((await fixture.group("mail")).positions.every(({ offset }) => offset === 0)).toBe(true);
  });

  test("the copy stays for the next run, which goes on where it was", async () => {
    await using fixture = await createStreamFixture(kind);
    const seen: unknown[] = [];
    const job = streamJob({
      name: "mail",
      topic: mails,
      stores: [addresses],
      handle: ({ userId }, ctx) => void seen.push(ctx.store(addresses).get(userId)),
    });
    await fixture.produce(users, [{ id: "u1", email: "old@example.org" }]);
    // however long it takes: a run that is left behind keeps its copy
    const worker = await fixture.startWorker([job], { windDownMs: 20_000 });
    await fixture.submit(job);
    await fixture.produce(mails, [{ userId: "u1", n: 1 }]);
    await fixture.untilCaughtUp(mails, "mail");
    await worker.stop();
    await fixture.produce(users, [{ id: "u1", email: "new@example.org" }]);
    await fixture.produce(mails, [{ userId: "u1", n: 2 }]);
    await fixture.startWorker([job]);
    await fixture.untilCaughtUp(mails, "mail");
    expect(seen).toEqual(["old@example.org", "new@example.org"]);
    const names = await readdir(join(fixture.folder, "stores", "addresses"));
    expect(names).toEqual(["0"]);
  });
});
