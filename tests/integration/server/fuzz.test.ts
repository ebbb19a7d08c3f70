// Every route with generated requests, over SQLite with runs that ended well, badly, and not at all.
import { formatRunId } from "../../../src/core/run-id.ts";
import { describeFuzzedRoutes } from "../../support/server/fuzz-routes.ts";
import { after, broken, chain, hello, slices, waits } from "../../support/server/rest-jobs.ts";
import { startTestServer } from "../../support/server/test-server.ts";

describeFuzzedRoutes({
  requestsPerRoute: 100,
  async open() {
    const test = await startTestServer({
      definitions: [hello, broken, after, chain, slices, waits],
      limits: { maxRequestsPerMinute: 1_000_000, maxFailedLoginsPerMinute: 1_000_000 },
      logLevel: "error",
    });
    const { fixture } = test;
    const worker = await fixture.startWorker([hello, broken, after, slices]);
    const ids = await Promise.all([hello, broken, chain, slices].map(async (job) => await fixture.submit(job)));
    for (const id of ids) await fixture.waitFor(id);
    // What the requests start stays as it is.
    await worker.stop();
    const runIds = [...ids, await fixture.submit(waits)].map((id) => formatRunId(id));
    return { test, runIds, close: async () => await test[Symbol.asyncDispose]() };
  },
});
