// What people do to groups and dead letters, and what retention may take from them.
import { expect, test } from "vitest";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { CreateStore } from "../store/store-fixture.ts";
import {
  appendOf,
  block,
  createLedgerFixture,
  delivery,
  firstOf,
  type LedgerFixture,
  letterOf,
  move,
} from "./ledger-fixture.ts";

const dayMs = 86_400_000;

export function describePeople(createStore: CreateStore): void {
  test("a dead letter that is tried again goes to its own group alone, as it was or edited, once", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const { member, held } = await withLetters(fixture, topic, [0, 1, 2, 3]);
    const letters = await fixture.store.listDeadLetters({ group: "ship", state: "open", limit: 2 });
    expect(letters.map(({ offset }) => offset)).toEqual([3, 2]);
    const older = await fixture.store.listDeadLetters({ topic: "orders", beforeId: letters[1]?.id ?? 0, limit: 9 });
    expect(older.map(({ offset }) => offset)).toEqual([1, 0]);
    const [last, first] = [letters[0]?.id ?? 0, older[1]?.id ?? 0];
    expect(await fixture.store.retryDeadLetters({ group: "other", ids: [last], limit: 9 })).toBe(0);
    expect(
      await fixture.store.retryDeadLetters({ group: "ship", ids: [last], limit: 9, payload: Buffer.from("edited") }),
    ).toBe(1);
    expect(await fixture.store.retryDeadLetters({ group: "ship", ids: [last], limit: 9 })).toBe(0);
    expect(await fixture.store.discardDeadLetters({ group: "ship", ids: [first], limit: 9 })).toBe(1);
    expect(await fixture.store.retryDeadLetters({ group: "ship", limit: 9 })).toBe(2);
    const parked = await fixture.store.listParked({ group: "ship", partition: 0, afterId: 0, limit: 9 });
    expect(parked.map(({ offset, payload }) => [offset, Buffer.from(payload).toString()])).toEqual([
      [3, "edited"],
      [1, "record 1"],
      [2, "record 2"],
    ]);
    expect(parked[0]).toMatchObject({ attempts: 0, dueAtMs: fixture.stores.clock.now(), laneKey: "key-3" });
    expect(await fixture.end(topic)).toBe(4);
    expect(await fixture.store.findDeadLetter(first)).toMatchObject({
      state: "discarded",
      runId: member.runId,
      job: "ship",
      code: "abc",
    });
    expect(await fixture.store.findGroup("ship")).toMatchObject({ openDeadLetters: 0, parked: 3 });
    await fixture.store.deliver(
      member,
      delivery([{ ...held, moves: [] }], { deadLetters: [letterOf(topic, 3)], unparked: [parked[0]?.id ?? 0] }),
    );
    expect(await fixture.store.findGroup("ship")).toMatchObject({ openDeadLetters: 1, parked: 2 });
  });

  test("a group is moved when nobody works through it, and by force its members lose what they have", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const { member, held } = await withLetters(fixture, topic, [0]);
    const positions = [{ topic: "orders", topicId: topic.id, partition: 0, offset: 2 }];
    const seek = async (force: boolean) => await fixture.store.seekGroup("ship", positions, { force });
    await expect(seek(false)).rejects.toMatchObject({ code: "GROUP_ACTIVE", details: { members: 1 } });
    await seek(true);
    const late = delivery([move(topic, held, 4, 4)]);
    await expect(fixture.store.deliver(member, late)).rejects.toMatchObject({ code: "PARTITION_LOST" });
    expect(firstOf(await fixture.claim(member, topic)).positions).toEqual([{ topicId: topic.id, offset: 2 }]);
    await fixture.stores.finish(member);
    await seek(false);
    await expect(fixture.store.seekGroup("nobody", positions, { force: true })).rejects.toMatchObject({
      code: "GROUP_UNKNOWN",
    });
  });

  test("a group that is deleted is as if it had never been", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const { member } = await withLetters(fixture, topic, [0]);
    await expect(fixture.store.deleteGroup("ship")).rejects.toMatchObject({ code: "GROUP_ACTIVE" });
    await fixture.stores.finish(member);
    await fixture.store.deleteGroup("ship");
    expect(await fixture.store.listGroups()).toEqual([]);
    expect(await fixture.store.listDeadLetters({ limit: 9 })).toEqual([]);
    const held = firstOf(await fixture.claim(await fixture.member(), topic));
    expect(held).toMatchObject({ epoch: 1, positions: [{ offset: 0 }] });
  });

  test("groups are listed with who holds what, and members that are gone are none", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 2);
    const [first, second] = [await fixture.member(), await fixture.member()];
    await fixture.claim(first, topic);
    await fixture.claim(second, topic, { group: "audit" });
    const joinedAtMs = fixture.stores.clock.now();
    expect(await fixture.store.listGroups()).toMatchObject([
      { group: "audit", members: [{ runId: second.runId, joinedAtMs, partitions: [0, 1] }] },
      {
        group: "ship",
        members: [{ runId: first.runId, partitions: [0, 1] }],
        positions: [{ partition: 0 }, { partition: 1 }],
      },
    ]);
    await fixture.stores.finish(first);
    expect(await fixture.store.findGroup("ship")).toMatchObject({ members: [] });
    expect(await fixture.store.findGroup("nobody")).toBeUndefined();
  });

  test("retention drops whole blocks by the time of their append, and never what a group has yet to read unless it is forced", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const { store, stores } = fixture;
    const topic = await store.declareTopic({ name: "orders", partitions: 1, retentionMs: 2 * dayMs });
    for (let day = 0; day < 4; day += 1) {
      await fixture.append(topic, block(0, 10));
      stores.clock.advance(dayMs);
    }
    const member = await fixture.member(90 * dayMs);
    const held = firstOf(await fixture.claim(member, topic));
    await store.deliver(member, delivery([move(topic, held, 0, 15)]));
    const trim = async (force: boolean) => await store.trimTopics({ force, limit: 9 });
    expect([await trim(false), await trim(false)]).toEqual([10, 0]);
    expect((await store.findTopic("orders"))?.bounds).toEqual([{ partition: 0, start: 10, end: 40, bytes: 300 }]);
    await store.deliver(member, delivery([move(topic, held, 15, 20)]));
    expect(await trim(false)).toBe(10);
    stores.clock.advance(dayMs);
    expect([await trim(false), await trim(true)]).toEqual([0, 10]);
    await expect(store.readBlocks({ topicId: topic.id, partition: 0, from: 20, maxBytes: 1 })).rejects.toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      details: { offset: 20, start: 30, end: 40 },
    });
    stores.clock.advance(dayMs);
    expect(await trim(true)).toBe(10);
    expect((await store.findTopic("orders"))?.bounds).toEqual([{ partition: 0, start: 40, end: 40, bytes: 0 }]);
  });

  test("an append to a topic or partition that is not there writes nothing of its transaction", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const gone = { topicId: "00000000-0000-0000-0000-000000000000", blocks: [block(0, 1)] };
    const written = delivery([move(topic, held, 0, 1)], { appends: [appendOf(topic, block(0, 1)), gone] });
    await expect(fixture.store.deliver(member, written)).rejects.toMatchObject({ code: "TOPIC_UNKNOWN" });
    await expect(fixture.append(topic, block(7, 1))).rejects.toMatchObject({ code: "VALUE_INVALID" });
    const read = fixture.store.readBlocks({ topicId: topic.id, partition: 7, from: 0, maxBytes: 1 });
    await expect(read).rejects.toMatchObject({ code: "VALUE_INVALID" });
    expect(await fixture.end(topic)).toBe(0);
    expect(await fixture.store.findGroup("ship")).toMatchObject({ positions: [{ offset: 0 }] });
  });
}

// A member that has handled four records, some of which are dead letters.
async function withLetters(fixture: LedgerFixture, topic: TopicState, offsets: readonly number[]) {
  await fixture.append(topic, block(0, 4));
  const member = await fixture.member();
  const held = firstOf(await fixture.claim(member, topic));
  const deadLetters = offsets.map((offset) => letterOf(topic, offset));
  await fixture.store.deliver(member, delivery([move(topic, held, 0, 4)], { deadLetters }));
  return { member, held };
}
