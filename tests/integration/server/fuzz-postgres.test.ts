// Every route with generated requests over Postgres, which refuses texts and numbers that SQLite takes.
import { formatRunId } from "../../../src/core/run-id.ts";
import { describeFuzzedRoutes } from "../../support/server/fuzz-routes.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { createTestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createRestCaller } from "../../support/server/rest-fixture.ts";
import { broken, chain, hello, waits } from "../../support/server/rest-jobs.ts";
import { startTestServer } from "../../support/server/test-server.ts";

describeFuzzedRoutes({
  requestsPerRoute: 50,
  async open() {
    const database = await createTestDatabase();
    const store = await createPostgresStore({ url: database.url });
    const { services } = createRestCaller(store, [hello, broken, chain, waits]);
    const test = await startTestServer({
      services,
      limits: { maxRequestsPerMinute: 1_000_000, maxFailedLoginsPerMinute: 1_000_000 },
      logLevel: "error",
    });
    const submitted = await Promise.all(
      ["hello", "broken", "chain", "waits"].map((name) => services.submit(name, { params: {}, createdBy: "test" })),
    );
    // All connections of the pool are open from here on.
    await Promise.all(Array.from({ length: 50 }, () => store.readClockMs()));
    return {
      test,
      runIds: submitted.map(({ rootRunId }) => formatRunId(rootRunId)),
      async close() {
        await test[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
        await database[Symbol.asyncDispose]();
      },
    };
  },
});
