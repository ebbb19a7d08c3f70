// What members write when they have handled records: all of it, once, and only while they hold the partition.
import { expect, test } from "vitest";
import type { CreateStore } from "../store/store-fixture.ts";
import { appendOf, block, createLedgerFixture, delivery, firstOf, letterOf, move } from "./ledger-fixture.ts";

export function describeDelivering(createStore: CreateStore): void {
  test("offsets, records for topics and dead letters are there together, with the ranges that the records got", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const [orders, mails] = [await fixture.topic("orders", 1), await fixture.topic("mails", 2)];
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, orders));
    const appends = [appendOf(mails, block(1, 3), block(0, 2), block(1, 4)), appendOf(orders, block(0, 5))];
    const written = delivery([move(orders, held, 0, 5)], { appends, deadLetters: [letterOf(orders, 2)] });
    expect(await fixture.store.deliver(member, written)).toEqual([
      [
        { partition: 1, from: 0, to: 7 },
        { partition: 0, from: 0, to: 2 },
      ],
      [{ partition: 0, from: 0, to: 5 }],
    ]);
    const group = await fixture.store.findGroup("ship");
    expect(group).toMatchObject({ openDeadLetters: 1, parked: 0, positions: [{ offset: 5, epoch: 1 }] });
    const { blocks } = await fixture.store.readBlocks({ topicId: mails.id, partition: 1, from: 3, maxBytes: 1_000 });
    expect(blocks.map(({ firstOffset, count }) => [firstOffset, count])).toEqual([[3, 4]]);
    expect(Buffer.from(blocks[0]?.payload ?? []).toString()).toBe("1:4");
  });

  test("a delivery that is sent twice is refused the second time, and nothing of it is there twice", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const written = delivery([move(topic, held, 0, 3)], { appends: [appendOf(topic, block(0, 3))] });
    await fixture.store.deliver(member, written);
    await expect(fixture.store.deliver(member, written)).rejects.toMatchObject({
      code: "PARTITION_LOST",
      disposition: "retry",
      details: { from: 0, offset: 3 },
    });
    expect(await fixture.end(topic)).toBe(3);
  });

  test("a late delivery of a partition that was given back changes nothing, nor does one with an epoch of before", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const [first, second] = [await fixture.member(), await fixture.member()];
    const before = firstOf(await fixture.claim(first, topic));
    const late = delivery([move(topic, before, 0, 3)], {
      appends: [appendOf(topic, block(0, 1))],
      deadLetters: [letterOf(topic, 0)],
    });
    await fixture.store.releasePartitions(first, "ship", [before]);
    await expect(fixture.store.deliver(first, late)).rejects.toMatchObject({ code: "PARTITION_LOST" });
    await fixture.stores.finish(second);
    const again = firstOf(await fixture.claim(first, topic));
    await expect(fixture.store.deliver(first, late)).rejects.toMatchObject({ code: "PARTITION_LOST" });
    expect(again.epoch).toBe(before.epoch + 1);
    expect(await fixture.store.findGroup("ship")).toMatchObject({ openDeadLetters: 0, positions: [{ offset: 0 }] });
    expect(await fixture.end(topic)).toBe(0);
  });

  test("an owner that was lost leaves word of what it had in hand, one that gave it back does not", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    await fixture.append(topic, block(0, 100));
    const inHand = async (): Promise<unknown> => {
      const member = await fixture.member();
      const held = firstOf(await fixture.claim(member, topic));
      const [position] = held.positions;
      await fixture.store.deliver(
        member,
        delivery([move(topic, held, position?.offset ?? 0, position?.offset ?? 0, 100)]),
      );
      await fixture.stores.finish(member);
      return position?.inHand;
    };
    expect([await inHand(), await inHand(), await inHand()]).toEqual([
      undefined,
      { to: 100, tries: 1 },
      { to: 100, tries: 2 },
    ]);
    const careful = await fixture.member();
    const held = firstOf(await fixture.claim(careful, topic));
    expect(held.positions).toEqual([{ topicId: topic.id, offset: 0, inHand: { to: 100, tries: 3 } }]);
    // Record by record through the range: those that are left were in hand once.
    await fixture.store.deliver(careful, delivery([move(topic, held, 0, 1, 100)]));
    await fixture.store.releasePartitions(careful, "ship", [held]);
    const next = firstOf(await fixture.claim(careful, topic));
    expect(next.positions).toEqual([{ topicId: topic.id, offset: 1, inHand: { to: 100, tries: 1 } }]);
    await fixture.store.deliver(careful, delivery([move(topic, next, 1, 100, 200)]));
    await fixture.store.releasePartitions(careful, "ship", [next]);
    expect(firstOf(await fixture.claim(careful, topic)).positions).toEqual([{ topicId: topic.id, offset: 100 }]);
  });

  test("what an owner puts down while others take their turn stays counted, and its loss meanwhile is none of it", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    await fixture.append(topic, block(0, 100));
    const loseAt = async (...hands: readonly (number | undefined)[]): Promise<unknown> => {
      const member = await fixture.member();
      const held = firstOf(await fixture.claim(member, topic));
      for (const hand of hands) await fixture.store.deliver(member, delivery([move(topic, held, 0, 0, hand)]));
      await fixture.stores.finish(member);
      return held.positions[0]?.inHand;
    };
    expect(await loseAt(100)).toBeUndefined();
    expect(await loseAt(100)).toEqual({ to: 100, tries: 1 });
    expect(await loseAt(undefined)).toEqual({ to: 100, tries: 2 });
    expect(await loseAt(undefined, 100)).toEqual({ to: 1, tries: 2 });
    expect(await loseAt(100)).toEqual({ to: 100, tries: 3 });
    const last = await fixture.member();
    const held = firstOf(await fixture.claim(last, topic));
    await fixture.store.deliver(last, delivery([move(topic, held, 0, 0)]));
    await fixture.store.deliver(last, delivery([move(topic, held, 0, 1)]));
    await fixture.store.releasePartitions(last, "ship", [held]);
    expect(firstOf(await fixture.claim(last, topic)).positions).toEqual([{ topicId: topic.id, offset: 1 }]);
  });

  test("parked records keep their place while they are tried again, and go when they are done", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    await fixture.append(topic, block(0, 100));
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const parkedOf = (offset: number) => ({ ...letterOf(topic, offset), laneKey: "a", dueInMs: 1_000 });
    await fixture.store.deliver(member, delivery([move(topic, held, 0, 3)], { parked: [0, 1, 2].map(parkedOf) }));
    const list = async () => await fixture.store.listParked({ group: "ship", partition: 0, afterId: 0, limit: 9 });
    const [first, second] = await list();
    const tried = { id: first?.id ?? 0, attempts: 4, dueInMs: 60_000 };
    const still = { partition: 0, epoch: held.epoch, moves: [] };
    await fixture.store.deliver(member, delivery([still], { unparked: [second?.id ?? 0], reparked: [tried] }));
    const nowMs = fixture.stores.clock.now();
    expect(await list()).toMatchObject([
      { id: first?.id, offset: 0, attempts: 4, dueAtMs: nowMs + 60_000, laneKey: "a", keyText: "key-0" },
      { offset: 2, attempts: 3, dueAtMs: nowMs + 1_000 },
    ]);
    await fixture.store.deliver(member, delivery([still], { parked: [parkedOf(0)], unparked: [first?.id ?? 0] }));
    expect((await list()).map(({ id, offset }) => [id, offset])).toContainEqual([first?.id, 0]);
    expect(Buffer.from((await list())[0]?.payload ?? []).toString()).toBe("record 0");
  });

  test("a parked record is done once: what says so again, or tries it again, is refused with all that it brings", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    const parked = [{ ...letterOf(topic, 0), laneKey: "a", dueInMs: 1_000 }];
    await fixture.store.deliver(member, delivery([move(topic, held, 0, 1)], { parked }));
    const [row] = await fixture.store.listParked({ group: "ship", partition: 0, afterId: 0, limit: 9 });
    const id = row?.id ?? 0;
    const still = { partition: 0, epoch: held.epoch, moves: [] };
    const done = delivery([still], { unparked: [id], appends: [appendOf(topic, block(0, 1))] });
    await fixture.store.deliver(member, done);
    const again = delivery([still], { reparked: [{ id, attempts: 1, dueInMs: 0 }] });
    for (const refused of [done, again])
      await expect(fixture.store.deliver(member, refused)).rejects.toMatchObject({ code: "PARTITION_LOST" });
    expect(await fixture.end(topic)).toBe(1);
  });

  test("deliveries of two groups into each other's topics at the same time both succeed", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topics = [await fixture.topic("orders", 1), await fixture.topic("mails", 1)];
    const [orders, mails] = topics;
    if (orders === undefined || mails === undefined) throw new Error("no topics");
    const rounds = 20;
    const work = topics.map(async (topic, index) => {
      const group = `group_${index}`;
      const member = await fixture.member();
      const held = firstOf(await fixture.claim(member, topic, { group }));
      const appends = [appendOf(mails, block(0, 1)), appendOf(orders, block(0, 1))];
      for (let at = 0; at < rounds; at += 1) {
        const ordered = index === 0 ? appends : appends.toReversed();
        await fixture.store.deliver(member, {
          ...delivery([move(topic, held, at, at + 1)], { appends: ordered }),
          group,
        });
      }
    });
    await Promise.all(work);
    expect([await fixture.end(orders), await fixture.end(mails)]).toEqual([2 * rounds, 2 * rounds]);
  });
}
