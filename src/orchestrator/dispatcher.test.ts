import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MillraceError } from "../core/errors.ts";
import type { RunId } from "../core/run-id.ts";
import type { ClaimedRun, WorkerId } from "../store/run-records.ts";
import { createSqliteStore } from "../store/sqlite/sqlite-store.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Wake } from "./wake.ts";

const run: ClaimedRun = {
  runId: 1 as RunId,
  epoch: 1,
  job: "noop",
  kind: "job",
  rootRunId: 1 as RunId,
  parentRunId: undefined,
  params: {},
  window: undefined,
  tenant: "t",
  createdBy: "test",
  attempt: 1,
  losses: 0,
  createdAtMs: 0,
  hasChildren: false,
};

test("a clock that is set back keeps neither due runs nor the look at lost answers waiting", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-dispatcher-"));
  const store = await createSqliteStore({ path: join(folder, "store.db") });
  let nowMs = 1_000_000_000;
  const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
  const promotedAt: number[] = [];
  const reconciledAt: number[] = [];
  const finished = Promise.withResolvers<void>();
  let claims = 0;
  const dispatcher = new Dispatcher(
    {
      // There is always work, so the loop never comes to rest; each claim takes 60 ms.
      store: {
        ...store,
        promote: async () => promotedAt.push(claims),
        claim: async ({ limit, executing }) => {
          claims += 1;
          nowMs += 60;
          if (executing !== undefined) reconciledAt.push(claims);
          if (claims === 10) nowMs -= 3_600_000;
          if (claims === 20) finished.resolve();
          return limit === 0 ? [] : [run];
        },
      },
      clock,
      random: () => 0.5,
      wake: new Wake(clock),
      slots: 1,
      jobs: new Set(["noop"]),
      pollMs: 100,
      execute: async () => {},
      release: async () => {},
      careFor: () => "together",
      onError: (error) => finished.reject(error),
    },
    1 as WorkerId,
  );
  dispatcher.start();
  await finished.promise;
  await dispatcher.stop(new MillraceError("RUN_RELEASED", "the test is over"));
  await store[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  expect(promotedAt.filter((claim) => claim >= 10).length).toBeGreaterThanOrEqual(4);
  expect(reconciledAt.some((claim) => claim > 10)).toBe(true);
});
