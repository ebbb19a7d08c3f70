// Who holds which partition of a group, and for how long.
import { expect, test } from "vitest";
import type { Assignment } from "../../../src/core/stream/stream-ledger.ts";
import type { CreateStore } from "../store/store-fixture.ts";
import { createLedgerFixture, delivery, firstOf, move } from "./ledger-fixture.ts";

const numbers = ({ held }: Assignment): readonly number[] => held.map(({ partition }) => partition);

export function describeHolding(createStore: CreateStore): void {
  test("the only member holds all partitions, from where the topic begins", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const assignment = await fixture.claim(await fixture.member(), topic);
    expect(assignment).toMatchObject({ generation: 1, members: 1, surplus: [] });
    expect(assignment.held).toEqual(
      [0, 1, 2, 3].map((partition) => ({ partition, epoch: 1, positions: [{ topicId: topic.id, offset: 0 }] })),
    );
  });

  test("a second member is given what the first one gives back, and no partition has two holders meanwhile", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const [first, second] = [await fixture.member(), await fixture.member()];
    await fixture.claim(first, topic);
    expect(numbers(await fixture.claim(second, topic))).toEqual([]);
    const crowded = await fixture.claim(first, topic);
    expect(crowded).toMatchObject({ members: 2, surplus: [2, 3] });
    await fixture.store.releasePartitions(first, "ship", crowded.held.slice(2));
    const shared = await fixture.claim(second, topic);
    expect([numbers(shared), firstOf(shared).epoch]).toEqual([[2, 3], 2]);
    expect(await fixture.claim(first, topic)).toMatchObject({ surplus: [], generation: 2 });
  });

  test("shares differ by one at most, and members beyond the partitions hold none", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 5);
    const members = [await fixture.member(), await fixture.member(), await fixture.member()];
    for (const _round of [1, 2, 3]) {
      for (const member of members) {
        const { held, surplus } = await fixture.claim(member, topic);
        const given = held.filter(({ partition }) => surplus.includes(partition));
        await fixture.store.releasePartitions(member, "ship", given);
      }
    }
    const shares = await Promise.all(members.map(async (member) => numbers(await fixture.claim(member, topic))));
    expect(shares.map((share) => share.length)).toEqual([2, 2, 1]);
    expect(new Set(shares.flat()).size).toBe(5);
  });

  test("partitions of a run that ended are free at once, those of one that died when it is reaped", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const [first, second] = [await fixture.member(), await fixture.member()];
    await fixture.claim(first, topic);
    await fixture.stores.finish(first);
    expect(numbers(await fixture.claim(second, topic))).toEqual([0, 1, 2, 3]);
    fixture.stores.clock.advance(120_000);
    const third = await fixture.member();
    expect(numbers(await fixture.claim(third, topic))).toEqual([]);
    await fixture.store.reap({ limit: 9, deadWorkerIds: [], maxLosses: 3 });
    const takenOver = await fixture.claim(third, topic);
    expect([numbers(takenOver), firstOf(takenOver).epoch]).toEqual([[0, 1, 2, 3], 3]);
  });

  test("a member whose lease is gone is refused, whatever it asks", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const member = await fixture.member();
    const held = firstOf(await fixture.claim(member, topic));
    await fixture.append(topic, { ...oneRecord });
    await fixture.stores.finish(member);
    await expect(fixture.claim(member, topic)).rejects.toMatchObject({ code: "RUN_LOST" });
    await expect(fixture.store.releasePartitions(member, "ship", [held])).rejects.toMatchObject({ code: "RUN_LOST" });
    const late = delivery([move(topic, held, 0, 1)], { appends: [{ topicId: topic.id, blocks: [oneRecord] }] });
    await expect(fixture.store.deliver(member, late)).rejects.toMatchObject({ code: "RUN_LOST" });
    expect(await fixture.end(topic)).toBe(1);
  });

  test("partitions that a topic is given later are claimed, and read from their start also by a group that begins at the end", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic("orders", 1);
    await fixture.append(topic, oneRecord);
    const member = await fixture.member();
    const before = await fixture.claim(member, topic, { startAt: "latest" });
    expect(firstOf(before).positions).toEqual([{ topicId: topic.id, offset: 1 }]);
    const raised = await fixture.topic("orders", 3);
    await fixture.append(raised, { ...oneRecord, partition: 2 });
    const { held, generation } = await fixture.claim(member, raised, { startAt: "latest" });
    expect(held.map(({ positions }) => positions[0]?.offset)).toEqual([1, 0, 0]);
    expect(generation).toBe(before.generation + 1);
  });

  test("a topic that was made anew under its name is not read where the old one was left", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topic = await fixture.topic();
    const member = await fixture.member();
    await fixture.claim(member, topic);
    await fixture.store.deleteTopic(topic.id);
    const anew = await fixture.topic();
    await expect(fixture.claim(member, anew)).rejects.toMatchObject({ code: "TOPIC_CHANGED" });
    const positions = anew.bounds.map(({ partition }) => ({ topic: "orders", topicId: anew.id, partition, offset: 0 }));
    await fixture.store.seekGroup("ship", positions, { force: true });
    const { held } = await fixture.claim(member, anew);
    expect(held.map((partition) => partition.positions)).toEqual(
      Array.from({ length: 4 }, () => [{ topicId: anew.id, offset: 0 }]),
    );
  });

  test("partition numbers are held over all topics of a group", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const topics = [await fixture.topic("orders", 2), await fixture.topic("payments", 2)];
    const { held } = await fixture.store.claimPartitions(await fixture.member(), await fixture.declaration(topics));
    expect(held.map(({ positions }) => positions.map(({ topicId }) => topicId))).toEqual(
      Array.from({ length: 2 }, () => topics.map(({ id }) => id)),
    );
  });
}

const oneRecord = { partition: 0, count: 1, bytes: 1, minTimeMs: 1, maxTimeMs: 1, payload: Buffer.from("x") };
