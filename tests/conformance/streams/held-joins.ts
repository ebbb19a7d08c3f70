// What the store keeps of joins: written with the offsets, or not at all.
import { expect, test } from "vitest";
import type { JoinRow, JoinWrite } from "../../../src/core/stream/join-ledger.ts";
import type { CreateStore } from "../store/store-fixture.ts";
import { appendOf, block, createLedgerFixture, delivery, firstOf, move } from "./ledger-fixture.ts";

export function describeJoins(createStore: CreateStore): void {
  test("keys are written with the offsets, found by key and by what is due, and forgotten", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    await fixture.append(topic, block(0, 9));
    const writes = [waits("a", 30), waits("b", 10), waits("c", 20, { state: "failed", attempts: 2, errorCode: "X" })];
    const joins = { writes, removals: [] };
    await fixture.store.deliver(member, delivery([move(topic, held, 0, 3)], { joins }));
    const query = { group: "ship", partition: 0 };
    expect((await fixture.store.readJoins({ ...query, keys: ["b", "none", "c"] })).map(plain)).toEqual([
      row(writes[1]),
      row(writes[2]),
    ]);
    const due = { ...query, state: "open", dueByMs: 29, limit: 9 } as const;
    expect((await fixture.store.listDueJoins(due)).map(plain)).toEqual([row(writes[1])]);
    expect((await fixture.store.listDueJoins({ ...due, dueByMs: 30 })).map(({ key }) => key)).toEqual(["b", "a"]);
    expect(await fixture.store.measureJoins(query)).toEqual([
      { partition: 0, state: "failed", keys: 1, bytes: 9, nextDueAtMs: 20, oldestTimeMs: 5 },
      { partition: 0, state: "open", keys: 2, bytes: 18, nextDueAtMs: 10, oldestTimeMs: 5 },
    ]);
    const emitted = waits("a", 40, { state: "emitted", payload: null, inputs: 3 });
    const next = { writes: [emitted], removals: [{ partition: 0, key: "b" }] };
    await fixture.store.deliver(member, delivery([move(topic, held, 3, 4)], { joins: next }));
    expect((await fixture.store.readJoins({ ...query, keys: ["a", "b", "c"] })).map(plain)).toEqual([
      row(emitted),
      row(writes[2]),
    ]);
    expect((await fixture.store.listJoins("ship")).map(({ state, keys }) => [state, keys])).toEqual([
      ["emitted", 1],
      ["failed", 1],
    ]);
  });

  test("nothing of a join is written by who lost the partition, or stands elsewhere", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    await fixture.append(topic, block(0, 9));
    const joins = { writes: [waits("a", 1)], removals: [] };
    const refused = [move(topic, { ...held, epoch: 9 }, 0, 3), move(topic, held, 2, 3)];
    for (const at of refused)
      await expect(fixture.store.deliver(member, delivery([at], { joins }))).rejects.toMatchObject({
        code: "PARTITION_LOST",
      });
    expect(await fixture.store.listJoins("ship")).toEqual([]);
  });

  test("a key is emitted or removed once where no offset moves: what says so again is refused with all that it brings", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const writes = [waits("a", 1, { state: "failed" }), waits("b", 1)];
    await fixture.store.deliver(member, delivery([move(topic, held, 0, 0)], { joins: { writes, removals: [] } }));
    const appends = [appendOf(topic, block(0, 1))];
    const emits = { writes: [waits("a", 9, { state: "emitted", payload: null })], removals: [] };
    const expires = { writes: [], removals: [{ partition: 0, key: "b" }] };
    for (const joins of [emits, expires]) {
      const done = delivery([move(topic, held, 0, 0)], { joins, appends });
      await fixture.store.deliver(member, done);
      await expect(fixture.store.deliver(member, done)).rejects.toMatchObject({ code: "PARTITION_LOST" });
    }
    expect(await fixture.end(topic)).toBe(2);
  });

  test("a join and its partitions are apart from others, and go with the group", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const joins = { writes: [waits("a", 1), waits("a", 2, { partition: 1 })], removals: [] };
    await fixture.store.deliver(member, delivery([move(topic, held, 0, 0)], { joins }));
    const keys = ["a"];
    expect(await fixture.store.readJoins({ group: "ship", partition: 1, keys })).toMatchObject([{ dueAtMs: 2 }]);
    expect(await fixture.store.readJoins({ group: "other", partition: 1, keys })).toEqual([]);
    await fixture.stores.finish(member);
    await fixture.store.deleteGroup("ship");
    expect(await fixture.store.listJoins("ship")).toEqual([]);
  });
}

export function waits(key: string, dueAtMs: number, more: Partial<JoinWrite> = {}): JoinWrite {
  return {
    partition: 0,
    key,
    state: "open",
    inputs: 1,
    firstTimeMs: 5,
    dueAtMs,
    attempts: 0,
    errorCode: null,
    errorMessage: null,
    payload: Uint8Array.from(Buffer.from(`bytes\0of${key}`)),
    hashes: [],
    ...more,
  };
}

/** As a reader gets it, with its bytes as text. */
function row(write: JoinWrite | undefined): unknown {
  if (write === undefined) return undefined;
  const { key, state, inputs, firstTimeMs, dueAtMs, attempts, errorCode, errorMessage, payload } = write;
  return plain({ key, state, inputs, firstTimeMs, dueAtMs, attempts, errorCode, errorMessage, payload });
}

function plain({ payload, ...others }: JoinRow): unknown {
  return { ...others, payload: payload === null ? null : Buffer.from(payload).toString() };
}
