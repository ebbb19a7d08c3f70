import { expect, test } from "vitest";
import type { StoreContents } from "./store-contents.ts";
import { checkStoreContents, maxLosses } from "./check-store-contents.ts";
import type { LedgerEntry } from "./programs/ledger.ts";
import { measureRecovery } from "./recovery.ts";

// Order 1 made run 1, a stepper; order 2 run 2, a counter; a schedule made runs 3 and 4.
const tokens = ["c0", "c1", "c2", "c3"];
const steps = ["extract", "transform", "load"];
const sound: StoreContents = {
  runs: [
    { id: 1, job: "stepper", kind: "job", parent: undefined, order: 1, createdBy: "chaos" },
    { id: 2, job: "counter", kind: "job", parent: undefined, order: 2, createdBy: "chaos" },
    { id: 3, job: "tick_a", kind: "job", parent: undefined, order: undefined, createdBy: "schedule" },
    { id: 4, job: "tick_a", kind: "job", parent: undefined, order: undefined, createdBy: "schedule" },
  ],
  outcomes: [
    { run: 1, state: "FINISHED", reason: undefined, epoch: 2, result: { token: "e1" }, error: undefined },
    { run: 2, state: "FINISHED", reason: undefined, epoch: 1, result: { token: "e2", tokens }, error: undefined },
    { run: 3, state: "FINISHED", reason: undefined, epoch: 1, result: { token: "e3" }, error: undefined },
    { run: 4, state: "FINISHED", reason: undefined, epoch: 1, result: { token: "e4" }, error: undefined },
  ],
  held: [],
  attempts: [
    { run: 1, epoch: 1, worker: 1, startedAtMs: 1_000, endedAtMs: 1_900, end: "lost" },
    { run: 1, epoch: 2, worker: 2, startedAtMs: 2_000, endedAtMs: 2_100, end: "finished" },
    ...[2, 3, 4].map((run) => ({ run, epoch: 1, worker: 2, startedAtMs: 1_000, endedAtMs: 1_010, end: "finished" })),
  ],
  steps: steps.map((name) => ({ run: 1, name, value: `s-${name}` })),
  units: [],
  datasets: [],
  fires: [
    { schedule: "tick_a", fireAtMs: 5_000, decision: "run", run: 3, firedAtMs: 5_010 },
    { schedule: "tick_a", fireAtMs: 6_000, decision: "run", run: 4, firedAtMs: 6_010 },
  ],
  workers: [
    { id: 1, pid: 71 },
    { id: 2, pid: 72 },
  ],
};
const honest: readonly LedgerEntry[] = [
  { kind: "ordered", order: 1 },
  { kind: "acknowledged", order: 1, runs: [1] },
  { kind: "ordered", order: 2 },
  { kind: "acknowledged", order: 2, runs: [2] },
  ...steps.flatMap((name): LedgerEntry[] => [
    { kind: "tried", run: 1, effect: `step:${name}`, token: `s-${name}` },
    { kind: "kept", run: 1, effect: `step:${name}`, token: `s-${name}` },
  ]),
  ...tokens.flatMap((token, position): LedgerEntry[] => [
    { kind: "tried", run: 2, effect: `checkpoint:${position}`, token },
    { kind: "kept", run: 2, effect: `checkpoint:${position}`, token },
  ]),
  ...[1, 2, 3, 4].flatMap((run): LedgerEntry[] => [
    { kind: "tried", run, effect: "end", token: `e${run}` },
    { kind: "ended", run, epoch: 1 },
  ]),
];

function messages(contents: Partial<StoreContents>, more: readonly LedgerEntry[] = []): string[] {
  return checkStoreContents({ ...sound, ...contents }, [...honest, ...more]).findings.map(
    ({ kind, message }) => `${kind}: ${message}`,
  );
}

test("sound contents pass and are counted", () => {
  expect(checkStoreContents(sound, honest)).toEqual({
    findings: [],
    acknowledgedRuns: 2,
    unknownOrders: { count: 0, taken: 0 },
    effectsTried: 11,
    effectsCounted: 7,
    ticks: 2,
    givenUp: 0,
  });
});

test("an effect that was tried twice and counted once passes", () => {
  expect(messages({}, [{ kind: "tried", run: 1, effect: "step:load", token: "again" }])).toEqual([]);
});

test("a run that was acknowledged and is gone is lost, and so is one that never ended", () => {
  expect(messages({}, [{ kind: "acknowledged", order: 3, runs: [9] }])).toEqual([
    "lost: run 9 of order 3 was acknowledged and is not there",
  ]);
  expect(messages({ outcomes: sound.outcomes.slice(1), held: [{ run: 1, table: "lease" }] })).toEqual([
    "lost: run 1 of stepper has not ended; it is in lease",
  ]);
});

test("a step that two attempts were told to have kept counts twice", () => {
  const planted: LedgerEntry[] = [
    { kind: "tried", run: 1, effect: "step:load", token: "again" },
    { kind: "kept", run: 1, effect: "step:load", token: "again" },
  ];
  expect(messages({}, planted)).toEqual(["double: effect 1/step:load was accepted 2 times"]);
});

test("a step whose stored value is another than handlers were told is seen", () => {
  const other = sound.steps.map((step) => (step.name === "load" ? { ...step, value: "again" } : step));
  expect(messages({ steps: other }, [{ kind: "tried", run: 1, effect: "step:load", token: "again" }])).toEqual([
    "double: the store holds again for 1/step:load, a handler was told s-load",
  ]);
  expect(messages({ steps: other })).toEqual(["double: the store holds again for 1/step:load, which nobody did"]);
});

test("two accepted ends of one run are seen, in the ledger and in the store", () => {
  expect(messages({}, [{ kind: "ended", run: 2, epoch: 2 }])).toEqual(["double: the end of run 2 was accepted twice"]);
  const again = { run: 2, epoch: 2, worker: 1, startedAtMs: 1_000, endedAtMs: 1_020, end: "finished" };
  expect(messages({ attempts: [...sound.attempts, again] })).toEqual(["double: run 2 has 2 completions"]);
});

test("an acknowledged checkpoint that was taken back is lost", () => {
  const outcomes = sound.outcomes.map((outcome) =>
    outcome.run === 2 ? { ...outcome, result: { token: "e2", tokens: ["c0", "other", "c2", "c3"] } } : outcome,
  );
  const planted: LedgerEntry[] = [{ kind: "tried", run: 2, effect: "checkpoint:1", token: "other" }];
  expect(messages({ outcomes }, planted)).toEqual([
    "lost: the checkpoint c1 of 2/checkpoint:1 was acknowledged and is other now",
  ]);
});

test("an order with two runs is seen", () => {
  const twin = { id: 5, job: "noop", kind: "job", parent: undefined, order: 1, createdBy: "chaos" };
  const outcome = { run: 5, state: "FINISHED", reason: undefined, epoch: 1, result: { token: "e5" }, error: undefined };
  const planted: LedgerEntry[] = [{ kind: "tried", run: 5, effect: "end", token: "e5" }];
  expect(messages({ runs: [...sound.runs, twin], outcomes: [...sound.outcomes, outcome] }, planted)).toEqual([
    "double: order 1 has 2 runs",
  ]);
});

test("an order whose answer got lost is no finding, and it is known whether it was taken", () => {
  const { findings, unknownOrders } = checkStoreContents(sound, [
    ...honest.filter((entry) => entry.kind !== "acknowledged" || entry.order !== 2),
    { kind: "ordered", order: 3 },
  ]);
  expect(findings).toEqual([]);
  expect(unknownOrders).toEqual({ count: 2, taken: 1 });
});

test("a skipped instant, one with two runs and a run without an instant are seen", () => {
  const [first, second] = sound.fires;
  if (first === undefined || second === undefined) throw new Error("no fires");
  expect(messages({ fires: [first, { ...second, fireAtMs: 7_000 }] })).toEqual([
    "schedule: tick_a went from 5000 to 7000",
  ]);
  expect(messages({ fires: [first, { ...second, run: 3 }] })).toEqual([
    "schedule: tick_a at 6000 has no run of its own: 3",
    "schedule: run 4 of tick_a belongs to no instant",
  ]);
});

test("a failed run is a finding, unless it was given up after too many losses", () => {
  const failed = sound.outcomes.map((outcome) =>
    outcome.run === 1 ? { ...outcome, state: "ERROR", reason: "lost", result: null } : outcome,
  );
  expect(messages({ outcomes: failed })).toEqual(["wrong_end: run 1 of stepper ended ERROR (lost), lost 1: undefined"]);
  const losses = Array.from({ length: maxLosses }, (_, epoch) => ({
    run: 1,
    epoch: epoch + 1,
    worker: 1,
    startedAtMs: 1_000,
    endedAtMs: 1_900,
    end: "lost",
  }));
  const { findings, givenUp } = checkStoreContents(
    { ...sound, outcomes: failed, attempts: [...sound.attempts.slice(2), ...losses] },
    honest,
  );
  expect(findings).toEqual([]);
  expect(givenUp).toBe(1);
});

test("recovery is measured from the kill of the worker", () => {
  const kill = { pid: 71, role: "worker", how: "SIGKILL", atMs: 1_500, isForeign: false } as const;
  expect(measureRecovery(sound, [kill], [])).toMatchObject({
    longestOfAllMs: 400,
    takenBackLocally: { count: 1, p50Ms: 400, maxMs: 400 },
    takenBackByLease: undefined,
    lostAlive: 0,
  });
  expect(measureRecovery(sound, [kill], [{ fromMs: 1_700, toMs: 1_800 }])).toMatchObject({
    longestOfAllMs: 400,
    takenBackLocally: undefined,
  });
  expect(measureRecovery(sound, [], []).lostAlive).toBe(1);
});
