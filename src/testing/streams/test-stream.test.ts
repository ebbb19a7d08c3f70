import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../core/errors/errors.ts";
import { defineJob } from "../../core/job/job.ts";
import { defineLookup } from "../../core/stream/lookup.ts";
import { defineStore, type StoreState } from "../../core/stream/store.ts";
import { defineTopic } from "../../core/stream/topic.ts";
import { joinJob } from "../../stream/jobs/join-job.ts";
import { streamJob } from "../../stream/jobs/stream-job.ts";
import { testStream } from "./test-stream.ts";

const orders = defineTopic({
  name: "orders",
  partitions: 2,
  schema: z.object({ id: z.string(), user: z.string(), total: z.number() }),
  key: ({ user }) => user,
});
const thanks = defineTopic({
  name: "thanks",
  schema: z.object({ user: z.string(), text: z.string() }),
  key: ({ user }) => user,
});
const users = defineTopic({
  name: "users",
  schema: z.object({ id: z.string(), email: z.string() }),
  key: ({ id }) => id,
});
const addresses = defineStore({
  name: "addresses",
  topic: users,
  apply: (store: StoreState<string>, user) => store.set(user.id, user.email),
});

const thank = streamJob({
  name: "thank",
  topic: orders,
  produces: [thanks],
  lanes: 4,
  deadLetter: { after: 3 },
  handle({ id, user, total }, ctx) {
    if (total < 0) throw new MillraceError("RECORD_INVALID", `order \`${id}\` has no total`);
    ctx.produce(thanks, [{ user, text: `Thank you for ${total}.` }], { headers: { order: id } });
    ctx.log.info("thanked", { user });
  },
});

describe("a job of records", () => {
  test("produces what its records ask for, each key in its order, and gives up what it cannot handle", async () => {
    await using stream = await testStream(thank, { now: "2026-03-01T00:00:00Z" });
    expect(await stream.values(thanks)).toEqual([]);
    await stream.produce(orders, [
      { id: "o1", user: "ada", total: 40 },
      { id: "o2", user: "ada", total: -1 },
      { id: "o3", user: "ada", total: 7 },
    ]);
    expect(await stream.read(thanks)).toEqual(
      [
        ["o1", 40],
        ["o3", 7],
      ].map(([order, total], offset) => ({
        key: "ada",
        value: { user: "ada", text: `Thank you for ${total}.` },
        headers: { order },
        partition: 0,
        offset,
        eventTime: new Date("2026-03-01T00:00:00Z"),
      })),
    );
    expect(await stream.deadLetters()).toEqual([
      {
        job: "thank",
        topic: "orders",
        key: "ada",
        value: { id: "o2", user: "ada", total: -1 },
        code: "RECORD_INVALID",
        message: "order `o2` has no total",
        tries: 1,
      },
    ]);
    expect((await stream.logs()).map(({ job, message }) => [job, message])).toEqual([
      ["thank", "thanked"],
      ["thank", "thanked"],
    ]);
  });

  test("is tried again in no time, and the clock tells how long it would have waited", async () => {
    const tries: number[] = [];
    const flaky = streamJob({
      name: "flaky",
      topic: orders,
      deadLetter: { after: 4, wait: "1h" },
      handle(_order, ctx) {
        tries.push(ctx.record.tries);
        throw new MillraceError("SERVICE_UNAVAILABLE", "not now");
      },
    });
    await using stream = await testStream(flaky, { now: "2026-03-01T00:00:00Z" });
    await stream.produce(orders, [{ id: "o1", user: "ada", total: 1 }]);
    expect(tries).toEqual([0, 1, 2, 3]);
    expect(await stream.deadLetters()).toMatchObject([{ tries: 4, message: "not now" }]);
    // the longest of waits is five minutes
    expect(stream.now.getTime() - Date.parse("2026-03-01T00:00:00Z")).toBeGreaterThan(6 * 60_000);
  });

  test("reads a store that holds all that its topic had, and what the store holds can be seen", async () => {
    const mail = streamJob({
      name: "mail",
      topic: thanks,
      stores: [addresses],
      handle: ({ user }, ctx) => ctx.log.info("mail", { to: ctx.store(addresses).get(user) ?? "nobody" }),
    });
    await using stream = await testStream(mail);
    await stream.produce(users, [{ id: "ada", email: "ada@example.com" }]);
    await stream.produce(thanks, [
      { user: "ada", text: "hello" },
      { user: "bob", text: "hello" },
    ]);
    const mails = (await stream.logs()).filter(({ message }) => message === "mail");
    expect(mails.map(({ fields }) => fields["to"])).toEqual(["ada@example.com", "nobody"]);
    expect(await stream.store(addresses)).toEqual(new Map([["ada", "ada@example.com"]]));
  });

  test("feeds another job of the test, which looks up what it needs", async () => {
    const service = defineLookup({
      name: "service",
      load: (names: readonly string[]) => Promise.resolve(new Map(names.map((name) => [name, `${name}@example.com`]))),
    });
    const mail = streamJob({
      name: "mail",
      topic: thanks,
      handle: async ({ user }, ctx) => ctx.log.info("mail", { to: await ctx.lookup(service, user) }),
    });
    await using stream = await testStream([mail, thank]);
    await stream.produce(orders, [{ id: "o1", user: "ada", total: 1 }]);
    const mails = (await stream.logs()).filter(({ job }) => job === "mail");
    expect(mails.map(({ fields }) => fields)).toEqual([{ to: "ada@example.com" }]);
  });

  test("begins at the end where it says so, and sees large values as they were produced", async () => {
    const images = defineTopic({
      name: "images",
      schema: z.object({ text: z.string() }),
      claimCheck: { above: "1KB" },
    });
    const copies = defineTopic({
      name: "copies",
      schema: z.object({ text: z.string() }),
      claimCheck: { above: "1KB" },
    });
    const copy = streamJob({
      name: "copy",
      topic: images,
      startAt: "latest",
      handle: (image, ctx) => ctx.produce(copies, [image]),
    });
    await using stream = await testStream(copy);
    const text = "x".repeat(5_000);
    await stream.produce(images, [{ text }, { text: "small" }]);
    expect(await stream.values(copies)).toEqual([{ text }, { text: "small" }]);
  });

  test("is refused a value that does not fit, and a job that reads no topic is refused", async () => {
    await using stream = await testStream(thank);
    const wrong = [{ id: "o1", user: "ada", total: "40" }] as unknown as { id: string; user: string; total: number }[];
    await expect(stream.produce(orders, wrong)).rejects.toMatchObject({ code: "RECORD_INVALID" });
    const other = defineJob({ name: "other", execute: () => undefined });
    await expect(testStream(other)).rejects.toMatchObject({ code: "VALUE_INVALID" });
  });
});

describe("a join", () => {
  const placed = defineTopic({
    name: "placed",
    schema: z.object({ orderId: z.string(), to: z.string() }),
    key: ({ orderId }) => orderId,
  });
  const paid = defineTopic({ name: "paid", schema: z.object({ orderId: z.string() }), key: ({ orderId }) => orderId });
  const shipments = defineTopic({ name: "shipments", schema: z.object({ orderId: z.string(), to: z.string() }) });
  const ship = joinJob({
    name: "ship",
    by: "orderId",
    inputs: { order: placed, payment: paid },
    expire: "24h",
    output: shipments,
    handle: ({ order }) => order,
  });

  test("emits what belongs together, and gives up what has not come when the clock is moved", async () => {
    await using stream = await testStream(ship, { now: "2026-03-01T00:00:00Z" });
    await stream.produce(placed, [
      { orderId: "a", to: "Rome" },
      { orderId: "b", to: "Oslo" },
    ]);
    expect(await stream.values(shipments)).toEqual([]);
    await stream.produce(paid, [{ orderId: "a" }]);
    expect(await stream.values(shipments)).toEqual([{ orderId: "a", to: "Rome" }]);
    await stream.advance("23h");
    expect(await stream.deadLetters()).toEqual([]);
    await stream.advance("1h");
    expect(await stream.deadLetters()).toMatchObject([
      { job: "ship", key: "b", code: "JOIN_EXPIRED", value: { order: { orderId: "b", to: "Oslo" } } },
    ]);
  });
});

describe("a job of batches", () => {
  const sales = streamJob({
    name: "sales",
    topic: orders,
    batch: { records: 2, age: "12h" },
    outputs: ["daily_sales"],
    handle: (batch, ctx) =>
      ctx.data.publish({
        sql: "select count(*) as orders, sum(total)::DOUBLE as total from batch",
        output: { dataset: "daily_sales", mode: "append" },
      }),
  });

  test("gets a batch when there are enough, and the rest by its age", async () => {
    await using stream = await testStream(sales);
    await stream.produce(
      orders,
      [1, 2, 3].map((total) => ({ id: `o${total}`, user: "ada", total })),
    );
    const query = "select orders, total from daily_sales order by all";
    expect(await stream.query(query, ["daily_sales"])).toEqual([{ orders: 2n, total: 3 }]);
    await stream.advance("12h");
    expect(await stream.query(query, ["daily_sales"])).toEqual([
      { orders: 1n, total: 3 },
      { orders: 2n, total: 3 },
    ]);
  });

  test("looks into stores and asks lookups, once for all of a batch", async () => {
    const asked: (readonly string[])[] = [];
    const service = defineLookup({
      name: "service",
      load: (names: readonly string[]) => {
        asked.push(names);
        return Promise.resolve(new Map(names.map((name) => [name, name.length])));
      },
    });
    const mail = streamJob({
      name: "mail",
      topic: orders,
      batch: { records: 3 },
      stores: [addresses],
      async handle(batch, ctx) {
        const seen = await Array.fromAsync(batch.values());
        const lengths = await Promise.all(seen.map(({ user }) => ctx.lookup(service, user)));
        ctx.log.info("mail", { to: seen.map(({ user }) => ctx.store(addresses).get(user) ?? null), lengths });
      },
    });
    await using stream = await testStream(mail);
    await stream.produce(users, [{ id: "ada", email: "ada@example.com" }]);
    await stream.produce(
      orders,
      ["ada", "ada", "bob"].map((user) => ({ id: user, user, total: 1 })),
    );
    const [line] = (await stream.logs()).filter(({ message }) => message === "mail");
    const to = expect.arrayContaining(["ada@example.com", "ada@example.com", null]) as unknown;
    expect(line?.fields).toEqual({ lengths: [3, 3, 3], to });
    expect(asked).toEqual([expect.arrayContaining(["ada", "bob"])]);
  });

  test("throws what its handler threw", async () => {
    const broken = streamJob({
      name: "broken",
      topic: orders,
      batch: { records: 1 },
      retry: { maxRetries: 0 },
      handle: () => {
        throw new Error("no room");
      },
    });
    await using stream = await testStream(broken);
    await expect(stream.produce(orders, [{ id: "o1", user: "ada", total: 1 }])).rejects.toMatchObject({
      message: "no room",
    });
  });
});
