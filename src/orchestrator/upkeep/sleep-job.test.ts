import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import type { JobOutcome } from "../../core/job/outcome.ts";
import type { StoreHealth } from "../../store/upkeep/upkeep-store.ts";
import { createSleepJob, type SleepJobServices, type SleepReport } from "./sleep-job.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);
const gib = 1_073_741_824;

const healthy: StoreHealth = {
  nowMs,
  isClaiming: true,
  workers: 2,
  executing: 1,
  deadLeases: 0,
  ready: 0,
  retries: 3,
  lateRuns: 0,
  lateSchedules: 0,
};

interface Bench {
  readonly services: SleepJobServices;
  readonly calls: string[];
  readonly warnings: string[];
  readonly run: () => Promise<JobOutcome>;
}

function bench(
  overrides: Partial<Omit<SleepJobServices, "store">> & { store?: Partial<SleepJobServices["store"]> } = {},
): Bench {
  const calls: string[] = [];
  const warnings: string[] = [];
  const taken = new Set<string>();
  const store: SleepJobServices["store"] = {
    readHealth: async () => healthy,
    readClockMs: async () => nowMs,
    listBreakers: async () => [],
    promote: async () => 0,
    takeCadence: async (name) => !taken.has(name) && taken.add(name).has(name),
    removeHistory: async ({ endedBeforeMs }) => {
      calls.push(`remove before ${new Date(endedBeforeMs).toISOString()}`);
      return 0;
    },
    trimTopics: async () => 0,
    tidy: async () => void calls.push("tidy"),
    ...overrides.store,
  };
  const services: SleepJobServices = {
    clock: { now: () => nowMs },
    host: "here",
    measureDisks: async () => [{ place: "store", freeBytes: 50 * gib, totalBytes: 100 * gib }],
    recoverLeftovers: async () => void calls.push("leftovers"),
    retentionMs: 86_400_000,
    ...overrides,
    store,
  };
  const log = { debug: () => {}, info: () => {}, warn: (text: string) => void warnings.push(text), error: () => {} };
  // The job touches these three of its context alone.
  const ctx = { signal: new AbortController().signal, progress: () => {}, log } as unknown as JobContext;
  const job = createSleepJob(services);
  return { services, calls, warnings, run: async () => (await job.execute(ctx)) as JobOutcome };
}

function reportOf(outcome: JobOutcome): SleepReport {
  if (outcome.outcome !== "done" && outcome.outcome !== "partial") throw new Error("no report");
  return outcome.result as SleepReport;
}

test("it is an ordinary job that starts itself every 15 minutes", () => {
  const job = createSleepJob(bench().services);
  expect([job.name, job.kind, job.purpose, job.concurrency]).toEqual(["sleep_job", "job", "utility", 1]);
  expect(job.schedule?.timing).toMatchObject({ kind: "interval", everyMs: 900_000 });
});

test("when all is well it finishes with a report", async () => {
  const { run, calls, warnings } = bench();
  const outcome = await run();
  expect(outcome.outcome).toBe("done");
  expect(reportOf(outcome)).toEqual({
    store: { latencyMs: 0, clockSkewMs: 0 },
    orchestrator: {
      isClaiming: true,
      workers: 2,
      executing: 1,
      deadLeases: 0,
      ready: 0,
      retries: 3,
      lateRuns: 0,
      lateSchedules: 0,
    },
    openBreakers: [],
    disks: [{ place: "store", freeBytes: 50 * gib, totalBytes: 100 * gib }],
    problems: [],
    promoted: 0,
    maintenance: { removedRuns: 0, trimmedRecords: 0, removedPayloads: 0, tidied: true, recoveredLeftovers: true },
  });
  expect(calls).toEqual(["remove before 2026-11-20T10:00:00.000Z", "tidy", "leftovers"]);
  expect(warnings).toEqual([]);
});

test("maintenance that another process has just done is not done again", async () => {
  const { run, calls } = bench();
  await run();
  calls.length = 0;
  expect(reportOf(await run()).maintenance).toEqual({
    removedRuns: undefined,
    tidied: false,
    recoveredLeftovers: false,
  });
  expect(calls).toEqual([]);
});

test("runs that are due are handed over, however many", async () => {
  const batches = [1_000, 1_000, 7];
  const { run } = bench({ store: { promote: async () => batches.shift() ?? 0 } });
  expect(reportOf(await run()).promoted).toBe(2_007);
});

test("old runs go in batches until none is left, and none without a retention", async () => {
  const batches = [500, 120, 40, 0];
  expect(
    reportOf(await bench({ store: { removeHistory: async () => batches.shift() ?? 0 } }).run()).maintenance.removedRuns,
  ).toBe(660);
  const forever = bench({ retentionMs: undefined });
  expect(reportOf(await forever.run()).maintenance.removedRuns).toBe(0);
  expect(forever.calls).toEqual(["tidy", "leftovers"]);
});

test("topics are trimmed in batches until nothing is too old", async () => {
  const batches = [1_000, 20, 0];
  const { run } = bench({ store: { trimTopics: async () => batches.shift() ?? 0 } });
  expect(reportOf(await run()).maintenance.trimmedRecords).toBe(1_020);
});

test("everything that is wrong is told, and the run ends partial", async () => {
  const times = [nowMs, nowMs + 2_500];
  const { run, warnings } = bench({
    clock: { now: () => times.shift() ?? nowMs },
    measureDisks: async () => [
      { place: "store", freeBytes: gib / 2, totalBytes: 100 * gib },
      { place: "staging", freeBytes: gib / 2, totalBytes: gib },
    ],
    store: {
      readHealth: async () => ({
        ...healthy,
        nowMs: nowMs + 121_250,
        isClaiming: false,
        workers: 0,
        deadLeases: 1,
        lateRuns: 2,
        lateSchedules: 3,
      }),
      listBreakers: async () => [
        {
          name: "github",
          state: "open",
          failures: 5,
          refusals: 0,
          openedAtMs: 1,
          probeAtMs: 2,
          lastError: "503",
          version: 5,
        },
        {
          name: "jira",
          state: "closed",
          failures: 1,
          refusals: 0,
          openedAtMs: undefined,
          probeAtMs: undefined,
          lastError: "x",
          version: 1,
        },
      ],
    },
  });
  const outcome = await run();
  const problems = [
    "the store took 2s500ms to answer",
    "the clock of this machine is 2m behind that of the store",
    "the orchestrator is stopped: workers take no new runs",
    "1 run is held by dead workers",
    "no worker is in service",
    "2 runs are due for more than 1m",
    "3 schedules are late by more than 1m: is a server running whose project has them?",
    "connection `github` is failing: 503",
    "the disk of `store` has 512 MiB left (0 %)",
  ];
  expect(outcome).toMatchObject({ outcome: "partial", failures: problems });
  expect(warnings).toEqual(problems);
});

test("a part of the maintenance that fails is told and does not keep the others from being done", async () => {
  const { run, calls } = bench({
    store: {
      removeHistory: async () => {
        throw new MillraceError("STORE_UNAVAILABLE", "store is locked");
      },
    },
  });
  const outcome = await run();
  expect(outcome).toMatchObject({ outcome: "partial", failures: ["removing old runs failed: store is locked"] });
  expect(calls).toEqual(["tidy", "leftovers"]);
});

test("a store that cannot be reached fails the run", async () => {
  const away = async (): Promise<StoreHealth> => {
    throw new MillraceError("STORE_UNAVAILABLE", "connection refused");
  };
  await expect(bench({ store: { readHealth: away } }).run()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
});
