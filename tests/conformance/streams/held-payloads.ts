// What the store knows of payloads: nothing goes that a block, a dead letter, a parked record or a join refers to.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { HeldPartition } from "../../../src/core/stream/stream-ledger.ts";
import type { TopicState } from "../../../src/core/stream/stream-log.ts";
import type { Fence } from "../../../src/store/rows/run-records.ts";
import type { CreateStore } from "../store/store-fixture.ts";
import { waits } from "./held-joins.ts";
import { block, createLedgerFixture, delivery, firstOf, type LedgerFixture, letterOf, move } from "./ledger-fixture.ts";

const graceMs = 1_000;

export function describePayloads(createStore: CreateStore): void {
  test("what nothing refers to may go after the grace, and is unknown then", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const { store, stores } = fixture;
    expect(await store.touchPayloads([{ sha256: hash(1), bytes: 7 }, { sha256: hash(2) }])).toEqual([]);
    expect(await sweep(fixture)).toEqual([]);
    stores.clock.advance(graceMs + 1);
    expect(await sweep(fixture, false)).toEqual([hash(1)]);
    expect(await store.touchPayloads([{ sha256: hash(1), bytes: 7 }, { sha256: hash(1) }])).toEqual([hash(1)]);
    await store.endPayloadRemoval([hash(1)]);
    expect(await store.touchPayloads([{ sha256: hash(1), bytes: 7 }])).toEqual([]);
    expect(await sweep(fixture)).toEqual([]);
  });

  test("a removal whose collector died is begun again by another", async () => {
    await using fixture = await createLedgerFixture(createStore);
    await fixture.store.touchPayloads([{ sha256: hash(1), bytes: 7 }]);
    fixture.stores.clock.advance(graceMs + 1);
    expect(await sweep(fixture, false)).toEqual([hash(1)]);
    expect(await sweep(fixture, false)).toEqual([]);
    fixture.stores.clock.advance(10 * 60_000 + 1);
    expect(await sweep(fixture)).toEqual([hash(1)]);
  });

  test("a block, a dead letter, a parked record and a key of a join keep what they name, as long as they are there", async () => {
    await using fixture = await createLedgerFixture(createStore);
    const { store, stores } = fixture;
    const hashes = [1, 2, 3, 4].map(hash);
    await store.touchPayloads(hashes.map((sha256) => ({ sha256, bytes: 1 })));
    const { topic, member, held } = await givenHolder(fixture);
    await fixture.append(topic, block(0, 1, { hashes: [hash(1), hash(9)] }), block(0, 1));
    const parked = { ...letterOf(topic, 1, { hashes: [hash(3)] }), laneKey: "k", dueInMs: 0 };
    const effects = {
      deadLetters: [letterOf(topic, 0, { hashes: [hash(2)] })],
      parked: [parked],
      joins: { writes: [waits("a", 1, { hashes: [hash(4)] })], removals: [] },
    };
    await store.deliver(member, delivery([move(topic, held, 0, 2)], effects));
    stores.clock.advance(graceMs + 1);
    expect(await sweep(fixture)).toEqual([]);
    await store.truncateTopic({ topicId: topic.id, partition: 0, before: 1 });
    expect(await sweep(fixture)).toEqual([hash(1)]);
    await store.retryDeadLetters({ group: "ship", limit: 9 });
    expect(await sweep(fixture)).toEqual([]);
    const [letter, other] = await store.listParked({ group: "ship", partition: 0, afterId: 0, limit: 9 });
    const unparked = [letter?.id ?? 0, other?.id ?? 0];
    await store.deliver(member, delivery([move(topic, held, 2, 2)], { unparked }));
    expect(await sweep(fixture)).toEqual([hash(2), hash(3)]);
    const removals = [{ partition: 0, key: "a" }];
    await store.deliver(member, delivery([move(topic, held, 2, 2)], { joins: { writes: [], removals } }));
    expect(await sweep(fixture)).toEqual([hash(4)]);
  });

  test("a page of the sweep is bounded, and the next one goes on behind it", async () => {
    await using fixture = await createLedgerFixture(createStore);
    await fixture.store.touchPayloads(Array.from({ length: 5 }, (_, at) => ({ sha256: hash(at), bytes: 1 })));
    const page = await fixture.store.beginPayloadRemoval({ after: "", graceMs, limit: 3 });
    expect([page.seen, page.next]).toEqual([3, hash(2)]);
    const last = await fixture.store.beginPayloadRemoval({ after: hash(2), graceMs, limit: 3 });
    expect([last.seen, last.next]).toEqual([2, undefined]);
  });

  test("whatever is appended, trimmed and swept in any order, no record names a payload that is gone", async () => {
    const step = fc.record({ what: fc.constantFrom("append", "trim", "sweep", "wait"), which: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await using fixture = await createLedgerFixture(createStore);
        const { store, stores } = fixture;
        const topic = await fixture.topic("orders", 1);
        const named: string[] = [];
        const there = new Set<string>();
        let start = 0;
        for (const { what, which } of steps) {
          if (what === "wait") stores.clock.advance(graceMs / 2 + 1);
          if (what === "append") {
            await store.touchPayloads([{ sha256: hash(which), bytes: 1 }]);
            there.add(hash(which));
            await fixture.append(topic, block(0, 1, { hashes: [hash(which)] }));
            named.push(hash(which));
          }
          if (what === "trim" && named.length > start) {
            start += 1;
            await store.truncateTopic({ topicId: topic.id, partition: 0, before: start });
          }
          if (what === "sweep") for (const gone of await sweep(fixture)) there.delete(gone);
        }
        expect(named.slice(start).filter((name) => !there.has(name))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
}

function hash(number: number): string {
  return String(number).padStart(64, "0");
}

/** @returns what may go */
async function sweep({ store }: LedgerFixture, isRemoved = true): Promise<readonly string[]> {
  await store.dropPayloadReferences();
  const { removing } = await store.beginPayloadRemoval({ after: "", graceMs, limit: 99 });
  const gone = removing.map(({ sha256 }) => sha256);
  if (isRemoved) await store.endPayloadRemoval(gone);
  return gone;
}

async function givenHolder(
  fixture: LedgerFixture,
): Promise<{ readonly topic: TopicState; readonly member: Fence; readonly held: HeldPartition }> {
  const topic = await fixture.topic("orders", 1);
  const member = await fixture.member();
  return { topic, member, held: firstOf(await fixture.claim(member, topic)) };
}
