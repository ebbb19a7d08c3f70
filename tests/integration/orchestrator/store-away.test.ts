// What becomes of runs when the store cannot be reached while something around their handlers needs it.
import { expect, test } from "vitest";
import { MillraceError } from "../../../src/core/errors.ts";
import { defineJob } from "../../../src/core/job.ts";
import { createWorkerFixture } from "../../support/worker-fixture.ts";

test("a store that is away when a retry begins costs the run nothing: it goes back and is tried again", async () => {
  await using fixture = await createWorkerFixture();
  let tries = 0;
  const flaky = defineJob({
    name: "flaky",
    retry: { maxRetries: 1, baseDelay: "1ms", jitter: false },
    execute: () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
      return tries;
    },
  });
  const listAttempts = fixture.store.listAttempts.bind(fixture.store);
  let refusals = 0;
  fixture.store.listAttempts = async (runId) => {
    refusals += 1;
    if (refusals <= 2) throw new MillraceError("STORE_UNAVAILABLE", "store cannot be reached");
    return await listAttempts(runId);
  };
  await fixture.startWorker([flaky]);
  const runId = await fixture.submit(flaky);
  expect(await fixture.waitFor(runId)).toMatchObject({ state: "FINISHED", attempt: 2, result: 2 });
});
