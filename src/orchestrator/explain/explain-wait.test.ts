import { expect, test } from "vitest";
import { MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { UpstreamFact, WaitFacts } from "../../store/upkeep/upkeep-store.ts";
import { explainWait } from "./explain-wait.ts";

const nowMs = Date.UTC(2026, 10, 21, 10);
const laterMs = nowMs + 300_000;
const outage = toErrorRecord(new MillraceError("SERVICE_UNAVAILABLE", "503 from github"));

function run(overrides: Partial<RunSummary> = {}): RunSummary {
  return {
    id: 42 as RunId,
    job: "load_orders",
    kind: "job",
    parentRunId: undefined,
    rootRunId: 1 as RunId,
    state: "PENDING",
    reason: undefined,
    attempt: 0,
    epoch: 0,
    params: {},
    window: undefined,
    tenant: "default",
    createdBy: "ann",
    createdAtMs: nowMs - 60_000,
    startedAtMs: undefined,
    attemptStartedAtMs: undefined,
    finishedAtMs: undefined,
    runAtMs: undefined,
    result: undefined,
    error: undefined,
    progress: undefined,
    ...overrides,
  };
}

function facts(held: WaitFacts["held"], overrides: Partial<WaitFacts> = {}): WaitFacts {
  return {
    run: run(),
    nowMs,
    held,
    upstream: [],
    failedUpstream: [],
    ahead: 0,
    blockedGates: [],
    pausedBy: undefined,
    request: undefined,
    orchestratorStopped: undefined,
    workers: { inService: 2, withJob: 1 },
    executing: undefined,
    retry: undefined,
    lastError: undefined,
    ...overrides,
  };
}

function upstream(id: number, job: string, overrides: Partial<UpstreamFact> = {}): UpstreamFact {
  return { runId: id as RunId, job, state: "RUNNING", reason: undefined, runAtMs: undefined, ...overrides };
}

const gate = { capacity: 1, held: 0, blockedUntilMs: undefined, breaker: undefined, holders: [] };
const pipeline = run({ job: "daily", kind: "pipeline" });
const stopped = { by: "eve", reason: "move to the new host" };

const cases: [string, WaitFacts, string, (RegExp | undefined)?][] = [
  ["one upstream run", facts("waiting", { upstream: [upstream(7, "clean")] }), "waits for `clean` (r7, RUNNING)"],
  [
    "several upstream runs",
    facts("waiting", { upstream: [upstream(7, "clean"), upstream(8, "join", { state: "PAUSED" })] }),
    "waits for `clean` (r7, RUNNING), `join` (r8, PAUSED)",
  ],
  ["upstream that has just ended", facts("waiting"), "is about to be let go: all that it waited for has ended"],
  [
    "members of a pipeline",
    facts("waiting", {
      run: pipeline,
      upstream: [
        upstream(8, "join", { state: "PENDING", reason: "waiting_retry" }),
        upstream(9, "report", { state: "PENDING", reason: "waiting_upstream" }),
      ],
    }),
    "is held up by `join` (r8, PENDING, waiting_retry)",
    /millrace why r8/,
  ],
  [
    "its time",
    facts("scheduled", { run: run({ reason: "scheduled", runAtMs: laterMs }) }),
    "is to start at 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "its time, which has come",
    facts("scheduled", {
      run: run({ reason: "scheduled", runAtMs: nowMs }),
      workers: { inService: 0, withJob: 0 },
    }),
    "is to start now; a worker picks it up within a second",
    /millrace worker/,
  ],
  [
    "a retry",
    facts("scheduled", {
      run: run({ reason: "waiting_retry", runAtMs: laterMs, attempt: 2 }),
      retry: { tier: "fast", retries: 7 },
      lastError: outage,
    }),
    "waits for retry 2 of 7 (fast recovery), due 2026-11-21T10:05:00Z (in 5m), after `SERVICE_UNAVAILABLE`: 503 from github",
  ],
  [
    "a retry of unknown plan",
    facts("scheduled", { run: run({ reason: "waiting_retry", runAtMs: laterMs, attempt: 2 }) }),
    "waits for retry 2, due 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "its next poll",
    facts("scheduled", { run: run({ reason: "waiting_poll", runAtMs: laterMs }) }),
    "gave its worker back and goes on at 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "a service that asks for a pause",
    facts("scheduled", {
      run: run({ reason: "waiting_poll", runAtMs: laterMs }),
      wait: { kind: "service", because: "nothing may be sent to `gong` for the next 5m" },
    }),
    "waits, because nothing may be sent to `gong` for the next 5m, and goes on at 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "the end of a sleep",
    facts("scheduled", { run: run({ reason: "waiting_poll", runAtMs: laterMs }), wait: { kind: "sleep" } }),
    "sleeps, and goes on at 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "its probe",
    facts("scheduled", { run: run({ reason: "waiting_poll", runAtMs: laterMs }), wait: { kind: "probe" } }),
    "waits for something outside to be ready, and asks again at 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "the run that it started",
    facts("scheduled", {
      run: run({ reason: "waiting_poll", runAtMs: laterMs }),
      wait: { kind: "run", runId: 7 as RunId },
    }),
    "waits for the result of run r7, and looks again at 2026-11-21T10:05:00Z (in 5m)",
  ],
  ["nothing but a free slot", facts("ready"), "is next: it starts as soon as a worker has a free slot"],
  ["a run ahead", facts("ready", { ahead: 1 }), "waits for a free slot; 1 ready run is ahead of it"],
  ["runs ahead", facts("ready", { ahead: 17 }), "waits for a free slot; 17 ready runs are ahead of it"],
  [
    "very many runs ahead",
    facts("ready", { ahead: 1_000 }),
    "waits for a free slot; a thousand or more ready runs are ahead of it",
  ],
  [
    "a full gate",
    facts("ready", {
      blockedGates: [
        { ...gate, gate: "pool:gpu", capacity: 2, held: 2, holders: [{ runId: 5 as RunId, job: "train" }] },
      ],
    }),
    "waits for a slot of `pool:gpu`: 2 of 2 taken, held by `train` (r5) and others",
    /raise the limit/,
  ],
  [
    "an open breaker",
    facts("ready", {
      blockedGates: [
        { ...gate, gate: "connection:github", blockedUntilMs: laterMs, breaker: { lastError: "503 from github" } },
      ],
    }),
    "waits because connection `github` is failing: its breaker lets the next run through at 2026-11-21T10:05:00Z (in 5m), after: 503 from github",
    /correct the cause.*`millrace connections reset github`/,
  ],
  [
    "an open breaker where no worker is",
    facts("ready", {
      workers: { inService: 0, withJob: 0 },
      blockedGates: [
        { ...gate, gate: "connection:shop", blockedUntilMs: laterMs, breaker: { lastError: "401 from the shop" } },
      ],
    }),
    "waits because connection `shop` is failing: its breaker lets the next run through at 2026-11-21T10:05:00Z (in 5m), after: 401 from the shop",
    /`millrace connections reset shop`/,
  ],
  [
    "the probe of a breaker",
    facts("ready", {
      blockedGates: [
        {
          ...gate,
          gate: "connection:github",
          held: 1,
          blockedUntilMs: nowMs - 1,
          breaker: { lastError: undefined },
          holders: [{ runId: 5 as RunId, job: "pull" }],
        },
      ],
    }),
    "waits because connection `github` is being tried by `pull` (r5)",
  ],
  [
    "a blocked gate",
    facts("ready", { blockedGates: [{ ...gate, gate: "connection:jira", blockedUntilMs: laterMs }] }),
    "waits because `connection:jira` is blocked until 2026-11-21T10:05:00Z (in 5m)",
  ],
  [
    "a stopped orchestrator",
    facts("ready", { orchestratorStopped: stopped, ahead: 3 }),
    "waits because eve stopped the orchestrator: move to the new host",
    /orchestrator start/,
  ],
  [
    "no worker",
    facts("ready", { workers: { inService: 0, withJob: 0 } }),
    "waits because no worker is in service",
    /millrace worker/,
  ],
  [
    "no worker with the code",
    facts("ready", { workers: { inService: 3, withJob: 0 } }),
    "waits because none of the 3 workers in service has the code of `load_orders`",
    /has `load_orders`/,
  ],
  [
    "a pause of the run",
    facts("parked", { pausedBy: { by: "ann", reason: "bad data", scope: "run" } }),
    "was paused by ann: bad data",
    /resume r42/,
  ],
  [
    "a pause of the job",
    facts("parked", { pausedBy: { by: "ann", reason: undefined, scope: "job" } }),
    "waits because ann paused its job",
    /resume load_orders/,
  ],
  [
    "a pause while it waits for others",
    facts("waiting", {
      upstream: [upstream(7, "clean")],
      pausedBy: { by: "ann", reason: undefined, scope: "run" },
    }),
    "was paused by ann",
    /resume r42/,
  ],
  [
    "a worker at work",
    facts("lease", { executing: { worker: "host:12", sinceMs: nowMs - 90_000, isWorkerAlive: true } }),
    "executes on host:12 for 1m30s",
  ],
  [
    "the end of a pipeline",
    facts("lease", { run: pipeline, executing: { worker: "host:12", sinceMs: nowMs - 10, isWorkerAlive: true } }),
    "is summed up on host:12 for 10ms",
  ],
  [
    "a request that was not obeyed yet",
    facts("lease", {
      executing: { worker: "host:12", sinceMs: nowMs - 1_000, isWorkerAlive: true },
      request: { action: "stop", by: "bob" },
    }),
    "executes on host:12 for 1s; bob asked it to stop, and it has not yielded yet",
    /--force/,
  ],
  [
    "a dead worker",
    facts("lease", { executing: { worker: "host:12", sinceMs: nowMs - 1_000, isWorkerAlive: false } }),
    "executes on host:12 for 1s, but that worker is not heard of any more",
    /millrace worker/,
  ],
  ["success", facts("outcome", { run: run({ state: "FINISHED" }) }), "finished"],
  [
    "success in part",
    facts("outcome", { run: run({ state: "FINISHED", reason: "partial" }) }),
    "finished, but some of its units failed",
  ],
  [
    "success of a pipeline in part",
    facts("outcome", { run: run({ kind: "pipeline", state: "FINISHED", reason: "partial" }) }),
    "finished, but some of its jobs did so in part",
  ],
  [
    "a skip",
    facts("outcome", { run: run({ state: "FINISHED", reason: "skipped" }) }),
    "was skipped, because what it depends on did not succeed",
  ],
  [
    "a failure",
    facts("outcome", { run: run({ state: "ERROR", reason: "failed", attempt: 4 }), lastError: outage }),
    "failed with `SERVICE_UNAVAILABLE`: 503 from github",
    /retry r42/,
  ],
  [
    "a failure upstream",
    facts("outcome", {
      run: run({ state: "ERROR", reason: "upstream_failed" }),
      failedUpstream: [upstream(7, "clean", { state: "ERROR", reason: "failed" })],
    }),
    "was cancelled, because what it depends on failed",
    /retry r42/,
  ],
  [
    "a stop",
    facts("outcome", {
      run: run({ state: "ERROR", reason: "stopped" }),
      lastError: toErrorRecord(new MillraceError("RUN_STOPPED", "run `r42` was stopped by bob")),
    }),
    "was stopped: run `r42` was stopped by bob",
    /retry r42/,
  ],
  [
    "a cancellation",
    facts("outcome", {
      run: run({ state: "ERROR", reason: "cancelled" }),
      lastError: toErrorRecord(new MillraceError("JOB_CANCELLED", "job cancelled itself: nothing to do")),
    }),
    "was cancelled with `JOB_CANCELLED`: job cancelled itself: nothing to do",
  ],
];

test.each(cases)("%s is explained", (_, given, summary, remedy) => {
  const explanation = explainWait(given);
  expect(explanation.summary).toBe(summary);
  if (remedy === undefined) expect(explanation).not.toHaveProperty("remedy");
  else expect(explanation.remedy).toMatch(remedy);
});

test("a retry tells what it will meet when it is due", () => {
  const given = facts("scheduled", {
    run: run({ reason: "waiting_retry", runAtMs: laterMs, attempt: 1 }),
    blockedGates: [{ ...gate, gate: "pool:gpu", held: 1 }],
  });
  expect(explainWait(given).details).toEqual(["then it waits for a slot of `pool:gpu`: 1 of 1 taken"]);
});

test("what else is true stands in the details", () => {
  const given = facts("ready", {
    orchestratorStopped: stopped,
    ahead: 3,
    workers: { inService: 1, withJob: 0 },
    blockedGates: [{ ...gate, gate: "pool:gpu", held: 1 }],
  });
  expect(explainWait(given).details).toEqual([
    "waits for a slot of `pool:gpu`: 1 of 1 taken",
    "waits because the one worker in service does not have the code of `load_orders`",
    "3 ready runs are ahead of it",
  ]);
  const failed = upstream(7, "clean", { state: "ERROR", reason: "failed" });
  expect(explainWait(facts("outcome", { run: run({ state: "ERROR" }), failedUpstream: [failed] })).details).toEqual([
    "failed before it: `clean` (r7, ERROR, failed)",
  ]);
});

test.each(["waiting", "scheduled", "ready", "parked", "lease"] as const)(
  "a run that is held in %s tells of the workers that died with it",
  (held) => {
    const details = (losses?: WaitFacts["losses"]): readonly string[] =>
      explainWait(facts(held, losses === undefined ? {} : { losses })).details;
    const told = details({ count: 1, alone: 0 }).slice(details().length);
    expect(told[0]).toBe("a worker died while it was aboard, each time with others aboard");
    expect(told[1]).toMatch(/in a process of its own/);
    expect(details({ count: 3, alone: 2 })).toContain(
      "3 workers died while it was aboard, 2 of them with nothing else aboard",
    );
  },
);
