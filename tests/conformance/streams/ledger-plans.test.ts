// The plans of the statements of streams, made while the tables are nearly empty: none may read a whole table.
import { expect, test } from "vitest";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { runScript } from "../../../src/store/postgres/run-script.ts";
import { appendBlocks } from "../../../src/store/streams/append-blocks.ts";
import { claimPartitions, releasePartitions } from "../../../src/store/streams/claim-partitions.ts";
import { listDeadLetters, retryDeadLetters } from "../../../src/store/streams/dead-letters.ts";
import { deliver } from "../../../src/store/streams/deliver.ts";
import { findBlockAt, readBlocks } from "../../../src/store/streams/read-blocks.ts";
import { findGroup } from "../../../src/store/streams/read-groups.ts";
import { listParked } from "../../../src/store/streams/set-aside.ts";
import { readBounds } from "../../../src/store/streams/topics.ts";
import { truncateTopic } from "../../../src/store/streams/trim-topics.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { RecordingSession } from "../../support/postgres/recording-session.ts";
import { createStoreFixture } from "../store/store-fixture.ts";
import { appendOf, block, delivery, firstOf, LedgerFixture, letterOf, move } from "./ledger-fixture.ts";

test("no statement of topics and groups reads a whole table, whatever it was planned for", async () => {
  await using database = await createTestDatabase();
  await using fixture = new LedgerFixture(
    await createStoreFixture(async (clock) => {
      const open = async () => await createPostgresStore({ url: database.url, clock, migrate: false, poolSize: 2 });
      const store = await open();
      return {
        store,
        open,
        damageCheckpoint: async () => {},
        [Symbol.asyncDispose]: async () => await store[Symbol.asyncDispose](),
      };
    }),
  );
  const session = await RecordingSession.open(database.url);
  try {
    await workOnce(fixture, session);
    expect(session.names.size).toBeGreaterThan(25);
    expect(await session.findWholeReads()).toEqual([]);
  } finally {
    await session.close();
  }
});

async function workOnce(fixture: LedgerFixture, session: RecordingSession): Promise<void> {
  const topic = await fixture.store.declareTopic({ name: "orders", partitions: 2, retentionMs: 1_000 });
  const nowMs = fixture.stores.clock.now();
  const member = await fixture.member();
  const append = { ...appendOf(topic, block(0, 5), block(1, 5)), mark: { producer: "p", sequence: 1 } };
  await runScript(session, appendBlocks([append], nowMs));
  const declaration = await fixture.declaration([topic]);
  await runScript(session, claimPartitions(member, declaration, nowMs));
  const held = firstOf(await runScript(session, claimPartitions(member, declaration, nowMs)));
  const records = [0, 2].map((offset) => ({ ...letterOf(topic, offset), laneKey: "a", dueInMs: 1 }));
  const aside = { deadLetters: [letterOf(topic, 1)], parked: records };
  await runScript(
    session,
    deliver(member, delivery([move(topic, held, 0, 3, 5)], { ...aside, appends: [append] }), nowMs),
  );
  const [done, parked] = await runScript(session, listParked({ group: "ship", partition: 0, afterId: 0, limit: 9 }));
  const again = { unparked: [done?.id ?? 0], reparked: [{ id: parked?.id ?? 0, attempts: 1, dueInMs: 1 }] };
  await runScript(session, deliver(member, delivery([move(topic, held, 3, 5)], again), nowMs));
  await runScript(session, readBlocks({ topicId: topic.id, partition: 0, from: 1, maxBytes: 9 }));
  await runScript(session, findBlockAt(topic.id, 0, 1));
  await runScript(session, readBounds([topic.id]));
  await runScript(session, findGroup("ship"));
  await runScript(session, listDeadLetters({ group: "ship", state: "open", limit: 9 }));
  await runScript(session, retryDeadLetters({ group: "ship", limit: 9 }, nowMs));
  await runScript(session, releasePartitions(member, "ship", [held]));
  await runScript(session, truncateTopic({ topicId: topic.id, partition: 0, before: 7 }));
}
