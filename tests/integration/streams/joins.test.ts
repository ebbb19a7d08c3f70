// Joins on both stores: from records of several topics to what their handler did, produced and gave up.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import type { DeadLetterSummary } from "../../../src/store/streams/stream-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { defineTopic } from "../../../src/core/stream/topic.ts";
import { joinJob } from "../../../src/stream/jobs/join-job.ts";
import { createStreamFixture, type StreamFixture } from "../../support/streams/stream-fixture.ts";
import { ShiftedClock } from "../../support/streams/shifted-clock.ts";
import { streamPlaces } from "../../support/streams/stream-places.ts";

const schema = z.object({ id: z.string(), n: z.number(), at: z.number().optional(), pad: z.string().optional() });
const shape = {
  partitions: 2,
  schema,
  key: ({ id }: z.infer<typeof schema>) => id,
  eventTime: ({ at }: z.infer<typeof schema>) => new Date(at ?? Date.now()),
};
const products = defineTopic({ name: "products", ...shape });
const videos = defineTopic({ name: "videos", ...shape });
const images = defineTopic({ name: "images", ...shape });
const created = defineTopic({ name: "created", schema: z.object({ id: z.string(), sum: z.number() }) });

const base = { name: "create_product", by: "id", inputs: { product: products, video: videos, image: images } } as const;

const summing = joinJob({
  ...base,
  expire: "1h",
  output: created,
  handle: ({ product, video, image }) => ({ id: product.id, sum: product.n + video.n + image.n }),
});

describe.each(streamPlaces())("on %s", (kind) => {
  test("each key is emitted once when all of it has come, in whatever order", async () => {
    await using fixture = await createStreamFixture(kind);
    const ids = Array.from({ length: 200 }, (_, index) => `p${index}`);
    await fixture.startWorker([summing]);
    await fixture.submit(summing);
    await fixture.produce(videos, valuesOf(ids, 10));
    await fixture.produce(products, valuesOf(ids.toReversed(), 1));
    await fixture.produce(images, valuesOf(ids.slice(0, 150), 100));
    await untilEmitted(fixture, 150);
    expect(await waiting(fixture)).toEqual([
      ["emitted", 150],
      ["open", 50],
    ]);
    await fixture.produce(images, valuesOf(ids.slice(150), 100));
    await untilEmitted(fixture, 200);
    const emitted = (await fixture.valuesOf(created)) as { id: string; sum: number }[];
    expect(new Set(emitted.map(({ id }) => id)).size).toBe(200);
    expect(emitted.every(({ sum }) => sum === 111)).toBe(true);
  });

  test("of an input that comes twice the first or the last counts, as is said", async () => {
    for (const [duplicates, sum] of [
      ["first", 111],
      ["last", 112],
    ] as const) {
      await using fixture = await createStreamFixture(kind);
      const job = joinJob({ ...base, expire: "1h", duplicates, output: created, handle: addUp });
      await fixture.startWorker([job]);
      await fixture.submit(job);
      await fixture.produce(products, [value("a", 1), value("a", 2)]);
      await fixture.produce(videos, [value("a", 10)]);
      await fixture.produce(images, [value("a", 100)]);
      await untilEmitted(fixture, 1);
      expect(await fixture.valuesOf(created)).toEqual([{ id: "a", sum }]);
    }
  });

  test("what comes after the key was handled is ignored, or handled again, as is said", async () => {
    for (const late of ["ignore", "again"] as const) {
      await using fixture = await createStreamFixture(kind);
      const job = joinJob({ ...base, expire: "1h", late, output: created, handle: addUp });
      await fixture.startWorker([job]);
      await fixture.submit(job);
      for (const [topic, n] of inputs) await fixture.produce(topic, [value("a", n)]);
      await untilEmitted(fixture, 1);
      await fixture.produce(products, [value("a", 5)]);
      await untilRead(fixture, products, "create_product");
      if (late === "again") await untilEmitted(fixture, 2);
      const sums = ((await fixture.valuesOf(created)) as { sum: number }[]).map(({ sum }) => sum);
      expect(sums.toSorted((a, b) => a - b)).toEqual(late === "again" ? [111, 115] : [111]);
    }
  });

  test("a key of which something is missing expires when its time is over, also after a restart, and can be sent again", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = joinJob({ ...base, expire: "1500ms", output: created, handle: addUp });
    const first = await fixture.startWorker([job]);
    await fixture.submit(job);
    const atMs = fixture.clock.now();
    await fixture.produce(products, [value("a", 1, atMs)]);
    await fixture.produce(images, [value("a", 100, atMs)]);
    await fixture.until(async () => (await waiting(fixture)).length > 0);
    await first.stop();
    await fixture.startWorker([job]);
    const [letter] = await untilLetters(fixture, 1);
    expect(fixture.clock.now() - atMs).toBeGreaterThanOrEqual(1_500);
    expect(letter).toMatchObject({ errorCode: "JOIN_EXPIRED", keyText: "a", state: "open" });
    expect(letter?.errorMessage).toContain("`video`");
    expect(await waiting(fixture)).toEqual([]);
    await fixture.store.retryDeadLetters({ group: "create_product", limit: 9 });
    await fixture.until(async () => (await waiting(fixture)).length > 0);
    await fixture.produce(videos, [value("a", 10)]);
    await untilEmitted(fixture, 1);
    expect(await fixture.valuesOf(created)).toEqual([{ id: "a", sum: 111 }]);
  });

  test("`emit` hands over what has come, and `drop` forgets it", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = joinJob({
      ...base,
      expire: "300ms",
      onExpire: "emit",
      output: created,
      handle: ({ product, video }) => ({ id: product?.id ?? "?", sum: (product?.n ?? 0) + (video?.n ?? 0) }),
    });
    const dropping = joinJob({ ...base, name: "dropping", expire: "300ms", onExpire: "drop", handle: () => undefined });
    await fixture.startWorker([job, dropping]);
    await fixture.submit(job);
    await fixture.submit(dropping);
    await fixture.produce(products, [value("a", 7)]);
    await untilEmitted(fixture, 1);
    expect(await fixture.valuesOf(created)).toEqual([{ id: "a", sum: 7 }]);
    await untilRead(fixture, products, "dropping");
    await fixture.until(async () => (await fixture.store.listJoins("dropping")).length === 0);
    expect(await letters(fixture)).toEqual([]);
  });

  test("a record from the year 2099 expires nobody, and what happened after the time of a key begins it anew", async () => {
    await using fixture = await createStreamFixture(kind);
    const nowMs = fixture.clock.now();
    const old = nowMs - 3_600_000;
    await fixture.produce(products, [value("b", 1, old - 7_300_000)]);
    await fixture.produce(products, [value("a", 1), value("z", 1, Date.parse("2099-01-01"))]);
    await fixture.produce(videos, [value("b", 10, old)]);
    const job = joinJob({ ...base, expire: "2h", handle: () => undefined });
    await fixture.startWorker([job]);
    await fixture.submit(job);
    const [letter] = await untilLetters(fixture, 1);
    expect(letter?.keyText).toBe("b");
    await untilRead(fixture, videos, "create_product");
    await fixture.until(async () => (await waiting(fixture))[0]?.[1] === 3);
    expect(await letters(fixture)).toHaveLength(1);
  });

  test("a handler that fails is tried again from what was kept, then it is a dead letter with all values", async () => {
    await using fixture = await createStreamFixture(kind);
    let calls = 0;
    const job = joinJob({
      ...base,
      expire: "1h",
      deadLetter: { after: 2, wait: "20ms" },
      output: created,
      handle: (values) => {
        calls += 1;
        if (values.product.n === 1 && calls < 2) throw new MillraceError("SERVICE_UNAVAILABLE", "down");
        if (values.product.n === 2) throw new MillraceError("SERVICE_UNAVAILABLE", "down for long");
        return addUp(values);
      },
    });
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.produce(products, [value("a", 1)]);
    await fixture.produce(videos, [value("a", 10)]);
    await fixture.produce(images, [value("a", 100)]);
    await untilEmitted(fixture, 1);
    await fixture.produce(products, [value("b", 2)]);
    await fixture.produce(videos, [value("b", 10)]);
    await fixture.produce(images, [value("b", 100)]);
    const [letter] = await untilLetters(fixture, 1);
    expect(letter).toMatchObject({ errorCode: "SERVICE_UNAVAILABLE", attempts: 2, keyText: "b" });
    expect(await fixture.valuesOf(created)).toEqual([{ id: "a", sum: 111 }]);
  });

  test("records without a usable key and those that are too much for theirs are dead letters, and the others go on", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = joinJob({ ...base, expire: "1h", maxBytesPerKey: "10KB", output: created, handle: addUp });
    // a key of a megabyte; Kafka takes no record of two
    const length = kind === "kafka" ? 500_000 : 1_000_000;
    await fixture.produce(products, [value("x".repeat(length), 1), value("", 1), value("a", 1)]);
    await fixture.produce(videos, [{ ...value("a", 9), pad: "x".repeat(20_000) }, value("a", 10)]);
    await fixture.produce(images, [value("a", 100)]);
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await untilEmitted(fixture, 1);
    const found = await untilLetters(fixture, 3);
    expect(found.map(({ errorCode }) => errorCode).toSorted()).toEqual([
      "JOIN_KEY_INVALID",
      "JOIN_KEY_INVALID",
      "JOIN_TOO_LARGE",
    ]);
    expect(found.some(({ errorMessage }) => errorMessage.includes(`\`${length}\` characters`))).toBe(true);
  });

  test("no more is read while as many keys wait as may, and nothing is lost when some expire", async () => {
    await using fixture = await createStreamFixture(kind);
    const job = joinJob({ ...base, expire: "4s", maxKeys: 1_000, output: created, handle: addUp });
    const ids = Array.from({ length: 3_000 }, (_, index) => `k${index}`);
    await fixture.produce(products, valuesOf(ids, 1));
    await fixture.startWorker([job]);
    await fixture.submit(job);
    await fixture.until(async () => (await waiting(fixture))[0]?.[1] === 1_000);
    const { positions } = await fixture.group("create_product");
    expect(positions.reduce((sum, { offset }) => sum + offset, 0)).toBeLessThanOrEqual(3_000);
    await fixture.until(async () => (await fixture.group("create_product")).openDeadLetters >= 3_000);
    expect((await fixture.group("create_product")).openDeadLetters).toBe(3_000);
  }, 60_000);

  test("nothing is lost and nothing comes twice when any call of the store fails before it is made, or its answer gets lost", async () => {
    await using fixture = await createStreamFixture(kind);
    const ids = Array.from({ length: 60 }, (_, index) => `c${index}`);
    for (const [topic, n] of inputs)
      for (let at = 0; at < 60; at += 30) await fixture.produce(topic, valuesOf(ids.slice(at, at + 30), n));
    const overdue = Array.from({ length: 20 }, (_, index) => value(`o${index}`, 1, fixture.clock.now() - 7_200_000));
    await fixture.produce(products, overdue);
    const calls = new Map<string, number>();
    const faulty = failingNowAndThen(fixture.store, calls);
    const job = joinJob({ ...base, expire: "1h", maxKeys: 1_000, output: created, handle: addUp });
    await fixture.startWorker([job], { store: faulty });
    await fixture.submit(job);
    await untilEmitted(fixture, 60);
    for (const [topic] of inputs) await untilRead(fixture, topic, "create_product");
    const emitted = (await fixture.valuesOf(created)) as { id: string; sum: number }[];
    expect([emitted.length, new Set(emitted.map(({ id }) => id)).size]).toEqual([60, 60]);
    const expired = (await untilLetters(fixture, 20)).map(({ keyText }) => keyText ?? "");
    expect(expired.toSorted()).toEqual(overdue.map(({ id }) => id).toSorted());
    expect([...calls.keys()].toSorted()).toEqual(askedByJoins.toSorted());
    expect(calls.get("deliver")).toBeGreaterThan(6);
  }, 60_000);

  test("a clock that jumps expires no key before its time and none twice, and what comes together is emitted once", async () => {
    const clock = new ShiftedClock();
    await using fixture = await createStreamFixture(kind, undefined, clock);
    const job = joinJob({ ...base, expire: "60s", output: created, handle: addUp });
    await fixture.startWorker([job], { leaseTtlMs: 600_000 });
    await fixture.submit(job);
    const produceAt = async (topic: (typeof inputs)[number][0], id: string, n: number): Promise<void> =>
      await fixture.produce(topic, [value(id, n, clock.now())]);
    await produceAt(products, "a", 1);
    await produceAt(products, "b", 1);
    await fixture.until(async () => (await waiting(fixture))[0]?.[1] === 2);
    clock.shift(-3_600_000);
    await produceAt(videos, "a", 10);
    await produceAt(videos, "c", 10);
    await fixture.until(async () => (await waiting(fixture))[0]?.[1] === 3);
    clock.shift(3_600_000 + 30_000);
    await produceAt(images, "a", 100);
    await untilEmitted(fixture, 1);
    // what happened an hour ago by a clock that was wrong is over, what happened half a minute ago is not
    const [early] = await untilLetters(fixture, 1);
    expect(early?.keyText).toBe("c");
    clock.shift(40_000);
    await untilLetters(fixture, 2);
    clock.shift(-7_200_000);
    for (const [topic, n] of inputs) await produceAt(topic, "d", n);
    await untilEmitted(fixture, 2);
    clock.shift(7_200_000);
    for (const [topic, n] of inputs) await produceAt(topic, "e", n);
    await untilEmitted(fixture, 3);
    expect((await letters(fixture)).map(({ keyText }) => keyText ?? "").toSorted()).toEqual(["b", "c"]);
    const emitted = (await fixture.valuesOf(created)) as { id: string; sum: number }[];
    expect(emitted.map(({ id, sum }) => `${id}${sum}`).toSorted()).toEqual(["a111", "d111", "e111"]);
  });

  test("replicas share the partitions, and a key is emitted once whoever has it", async () => {
    await using fixture = await createStreamFixture(kind);
    await fixture.startWorker([summing]);
    await fixture.submit(summing);
    const ids = Array.from({ length: 100 }, (_, index) => `r${index}`);
    await fixture.produce(products, valuesOf(ids, 1));
    await fixture.submit(summing, { replica: 1 });
    await fixture.produce(videos, valuesOf(ids, 10));
    await fixture.until(async () => (await fixture.group("create_product")).members.length === 2);
    await fixture.produce(images, valuesOf(ids, 100));
    await untilEmitted(fixture, 100);
    expect(await fixture.valuesOf(created)).toHaveLength(100);
  });
});

test("definitions whose inputs do not fit each other are refused with the input", () => {
  const other = defineTopic({ name: "other", partitions: 3 });
  const define = (inputs: Record<string, typeof other>, by: string | object = "id"): unknown =>
    joinJob({ name: "j", by: by as string, inputs, expire: "1h", handle: () => undefined });
  const product = products as unknown as typeof other;
  expect(() => define({ product, other })).toThrow("partitions");
  expect(() => define({ product })).toThrow("2 to 30 topics");
  expect(() => define({ product, again: product })).toThrow("no other input");
  expect(() => define({ product, video: videos as unknown as typeof other }, { product: () => 1 })).toThrow(
    "`video` of `by`",
  );
});

const inputs = [
  [products, 1],
  [videos, 10],
  [images, 100],
] as const;

interface Values {
  readonly product: z.infer<typeof schema>;
  readonly video: z.infer<typeof schema>;
  readonly image: z.infer<typeof schema>;
}

function addUp({ product, video, image }: Values): { id: string; sum: number } {
  return { id: product.id, sum: product.n + video.n + image.n };
}

function value(id: string, n: number, at?: number): z.infer<typeof schema> {
  return { id, n, ...(at === undefined ? {} : { at }) };
}

function valuesOf(ids: readonly string[], n: number): readonly z.infer<typeof schema>[] {
  return ids.map((id) => value(id, n));
}

async function untilEmitted(fixture: StreamFixture, count: number): Promise<void> {
  await fixture.until(async () => (await fixture.valuesOf(created)).length >= count);
}

/** Resolves when a group has done all that is in one of its topics. */
async function untilRead(fixture: StreamFixture, { name }: { readonly name: string }, group: string): Promise<void> {
  await fixture.until(async () => {
    const [topic, found] = await Promise.all([fixture.log.findTopic(name), fixture.store.findGroup(group)]);
    if (topic === undefined || found === undefined) return false;
    const own = found.positions.filter(({ topicId }) => topicId === topic.id);
    return topic.bounds.every(({ partition, end }) =>
      own.some((at) => at.partition === partition && at.offset === end),
    );
  });
}

async function waiting({ store }: StreamFixture): Promise<readonly (readonly [string, number])[]> {
  const found = new Map<string, number>();
  for (const { state, keys } of await store.listJoins("create_product"))
    found.set(state, (found.get(state) ?? 0) + keys);
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

async function letters({ store }: StreamFixture): Promise<readonly DeadLetterSummary[]> {
  return await store.listDeadLetters({ group: "create_product", limit: 100 });
}

async function untilLetters(fixture: StreamFixture, count: number): Promise<readonly DeadLetterSummary[]> {
  return await fixture.until(async () => {
    const found = await letters(fixture);
    return found.length >= count ? found : undefined;
  });
}

/** What runs of joins ask the store, beside giving partitions back. */
const askedByJoins = ["claimPartitions", "deliver", "readJoins", "listDueJoins", "measureJoins", "listParked"];

/** Each of these fails the second time, before it is made; of the fourth write the answer gets lost. */
function failingNowAndThen(store: Store, calls: Map<string, number>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== "function") return found;
      if (typeof name !== "string" || !askedByJoins.includes(name)) return found.bind(target) as unknown;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        const call = (calls.get(name) ?? 0) + 1;
        calls.set(name, call);
        if (call === 2) throw new MillraceError("STORE_UNAVAILABLE", "away before");
        const result: unknown = await Reflect.apply(found, target, given);
        if (call === 4 && name === "deliver") throw new MillraceError("STORE_UNAVAILABLE", "away after");
        return result;
      };
    },
  });
}
