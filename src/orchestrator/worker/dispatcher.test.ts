import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, WorkerId } from "../../store/rows/run-records.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Wake } from "../upkeep/wake.ts";

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

/** A dispatcher over a list of claims, of which runs with losses are to be alone. */
function careful(batches: (readonly ClaimedRun[])[]) {
  const log: string[] = [];
  const ends = new Map<number, () => void>();
  const clock = { now: () => 1_000, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  const store = {
    promote: async () => 0,
    nextDueInMs: async () => undefined,
    claim: async ({ limit }: { limit: number }) => {
      const batch = limit === 0 ? [] : (batches.shift() ?? []);
      if (batch.length > 0) log.push(`claim ${batch.map(({ runId }) => runId).join()}`);
      return batch;
    },
  };
  const dispatcher = new Dispatcher(
    {
      store: store as unknown as Store,
      clock,
      random: () => 0.5,
      wake: new Wake(clock),
      slots: 4,
      jobs: new Set(["noop"]),
      pollMs: 10,
      execute: async ({ runId }, { control, turn }) => {
        const stopped = Promise.withResolvers<void>();
        control.signal.addEventListener("abort", () => stopped.resolve());
        if (turn !== undefined) await Promise.race([turn, stopped.promise]);
        if (control.signal.aborted) return void log.push(`leave ${runId}`);
        log.push(`begin ${runId}`);
        return new Promise((resolve) => {
          const end = (): void => {
            log.push(`end ${runId}`);
            resolve();
          };
          ends.set(runId, end);
          control.signal.addEventListener("abort", end);
        });
      },
      release: async ({ runId }) => void log.push(`release ${runId}`),
      careFor: ({ losses }) => (losses > 0 ? "alone" : "together"),
      onError: (error) => log.push(error.message),
    },
    1 as WorkerId,
  );
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  dispatcher.start();
  return { dispatcher, log, settle, end: (runId: number) => ends.get(runId)?.() };
}

const numbered = (runId: number, losses = 0): ClaimedRun => ({ ...run, runId: runId as RunId, losses });

test("a suspect begins when all else has ended, and until its own end nothing is claimed", async () => {
  const { dispatcher, log, settle, end } = careful([[numbered(1), numbered(2, 1), numbered(3, 1)], [numbered(4)]]);
  await settle();
  expect(log).toEqual(["claim 1,2,3", "begin 1", "release 3"]);
  end(1);
  await settle();
  expect(log.slice(3)).toEqual(["end 1", "begin 2"]);
  end(2);
  await settle();
  expect(log.slice(5)).toEqual(["end 2", "claim 4", "begin 4"]);
  await dispatcher.stop(new MillraceError("RUN_RELEASED", "the test is over"));
});

test("a worker that stops while a suspect waits for its turn does not begin it", async () => {
  const { dispatcher, log, settle } = careful([[numbered(1), numbered(2, 1)]]);
  await settle();
  await dispatcher.stop(new MillraceError("RUN_RELEASED", "the test is over"));
  expect(log).toEqual(["claim 1,2", "begin 1", "end 1", "leave 2"]);
});

test("a suspect whose worker was declared dead while it waited is left to who has it now", async () => {
  const { dispatcher, log, settle } = careful([[numbered(1), numbered(2, 1)]]);
  await settle();
  dispatcher.abortAll(new MillraceError("RUN_LOST", "the worker was declared dead"));
  dispatcher.useWorker(2 as WorkerId);
  await settle();
  expect(log).toEqual(["claim 1,2", "begin 1", "end 1", "leave 2"]);
  await dispatcher.stop(new MillraceError("RUN_RELEASED", "the test is over"));
});

test("a suspect that waits for its turn can be stopped like what executes, and claims go on at once", async () => {
  const { dispatcher, log, settle, end } = careful([[numbered(1), numbered(2, 1)], [numbered(3)]]);
  await settle();
  const waiting = [...dispatcher.executions].find(({ fence }) => fence.runId === 2);
  waiting?.control.abort(new MillraceError("RUN_STOPPED", "a person stopped it"));
  await settle();
  expect(log).toEqual(["claim 1,2", "begin 1", "leave 2", "claim 3", "begin 3"]);
  end(1);
  await dispatcher.stop(new MillraceError("RUN_RELEASED", "the test is over"));
});
