// A store behind a real PgBouncer: with session pooling it is the same store, with transaction pooling it is refused by name
// before a table is made anywhere.
import { expect, test } from "vitest";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { newRun } from "../../conformance/store/store-fixture.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { startPgBouncer } from "./pgbouncer.ts";

const listTables = `select nspname || '.' || relname as name from pg_class join pg_namespace n on n.oid = relnamespace
  where relkind in ('r', 'p') and nspname not in ('pg_catalog', 'information_schema', 'millrace')`;

test("with session pooling the tables are made in their schema, hints arrive, and a worker stays alive", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using pooler = await startPgBouncer(database.url, "session");
  await using store = await createPostgresStore({ url: pooler.url });
  expect(await database.query(listTables)).toEqual([]);
  expect(
    await database.query("select count(*) > 20 as made from pg_class where relnamespace = 'millrace'::regnamespace"),
  ).toEqual([{ made: true }]);
  await using other = await createPostgresStore({ url: pooler.url });
  const heard = Promise.withResolvers<string>();
  using _subscription = other.subscribe((hint) => heard.resolve(hint));
  // The subscription is one more session of the pooler; until it listens, each new run is another word.
  const words = setInterval(() => void store.submit({ runs: [newRun()], edges: [] }), 50);
  try {
    expect(await heard.promise).toBe("ready");
  } finally {
    clearInterval(words);
  }
});

test("with transaction pooling nothing is made, and the way out is named", async () => {
  await using database = await createTestDatabase({ migrated: false });
  await using pooler = await startPgBouncer(database.url, "transaction");
  const opening = Promise.all(
    Array.from({ length: 4 }, async () => {
      await using store = await createPostgresStore({ url: pooler.url });
      await Promise.all(Array.from({ length: 20 }, async () => await store.submit({ runs: [newRun()], edges: [] })));
    }),
  );
  const error = await expectFailure(opening);
  expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", hint: expect.stringContaining("session pooling") });
  expect(await database.query(listTables)).toEqual([]);
});
