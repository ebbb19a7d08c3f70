import { expect, test } from "vitest";
import type { RunMessage, ServerMessage } from "../../api/event-message.ts";
import type { RunGraph, RunGraphNode } from "../../api/run.ts";
import { applyGraph, applyMessages, countStates, emptyModel, type RunModel } from "./run-model.ts";
import { RunStore } from "./run-store.ts";

function at(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 21, 6) + seconds * 1_000).toISOString();
}

function node(id: string, over: Partial<RunGraphNode> = {}): RunGraphNode {
  return {
    run_id: id,
    job_name: `job_${id}`,
    state: "PENDING",
    reason: null,
    attempt: 0,
    created_at: at(0),
    ready_at: at(0),
    spans: [],
    percent: null,
    ...over,
  };
}

const waiting = { reason: "waiting_upstream", ready_at: null } as const;
const chain: RunGraph = {
  nodes: [node("r2"), node("r3", waiting), node("r4", waiting)],
  edges: [
    { from: "r2", to: "r3" },
    { from: "r3", to: "r4" },
  ],
  truncated: false,
};

const base = { root_run_id: "r1", parent_run_id: "r1", pos: "1" } as const;

function started(id: string, seq: number, seconds: number): RunMessage {
  const run = { run_id: id, job_name: `job_${id}`, seq, at: at(seconds), state: "RUNNING" } as const;
  return { type: "job_started", ...base, ...run, attempt: 1, worker: "w1" };
}

function completed(id: string, seq: number, seconds: number): RunMessage {
  const run = { run_id: id, job_name: `job_${id}`, seq, at: at(seconds), state: "FINISHED" } as const;
  return { type: "job_completed", ...base, ...run, reason: null, duration_ms: 1_000 };
}

function progress(id: string, seq: number, percent: number): ServerMessage {
  const counts = { percent, progress: percent, operation: "loading", done: percent, total: 100, rate: 10, eta: null };
  return { type: "job_progress", job_name: id, run_id: id, root_run_id: "r1", seq, at: at(9), ...counts };
}

const loaded: RunModel = applyGraph(emptyModel, chain);

test("a run that starts, tells its progress and ends is followed", () => {
  const during = applyMessages(loaded, [started("r2", 2, 5), progress("r2", 2, 40)]).model;
  expect(during.runs.get("r2")).toMatchObject({ state: "RUNNING", attempt: 1, worker: "w1", percent: 40 });
  const after = applyMessages(during, [completed("r2", 3, 10)]).model;
  expect(after.runs.get("r2")).toMatchObject({
    state: "FINISHED",
    percent: 100,
    finished_at: at(10),
    spans: [{ started_at: at(5), ended_at: at(10), end: "finished" }],
  });
});

test("the end of a run makes the run that waited for it ready", () => {
  const { model } = applyMessages(loaded, [started("r2", 2, 5), completed("r2", 3, 10)]);
  expect(model.runs.get("r3")).toMatchObject({ ready_at: at(10), reason: null });
  expect(model.runs.get("r4")).toMatchObject({ ready_at: null, reason: "waiting_upstream" });
});

test("a retry leaves the failed try and the time of the next", () => {
  const retry: RunMessage = {
    type: "job_retry_scheduled",
    ...base,
    run_id: "r2",
    job_name: "job_r2",
    seq: 3,
    at: at(8),
    state: "PENDING",
    attempt: 1,
    due_at: at(60),
    error_message: "503 from github",
  };
  const { model } = applyMessages(loaded, [started("r2", 2, 5), retry]);
  expect(model.runs.get("r2")).toMatchObject({
    state: "PENDING",
    reason: "waiting_retry",
    due_at: at(60),
    error_message: "503 from github",
    spans: [{ started_at: at(5), ended_at: at(8), end: "retry" }],
  });
});

test("messages that come twice, or late counts, change nothing", () => {
  const { model } = applyMessages(loaded, [started("r2", 2, 5), completed("r2", 3, 10)]);
  const again = applyMessages(model, [started("r2", 2, 5), completed("r2", 3, 10), progress("r2", 2, 50)]);
  expect(again.model).toBe(model);
  expect(again.changed.size).toBe(0);
});

test("only what changed is another object", () => {
  const { model, changed } = applyMessages(loaded, [started("r2", 2, 5)]);
  expect([...changed]).toEqual(["r2"]);
  expect(model.runs.get("r4")).toBe(loaded.runs.get("r4"));
});

test("a message about a run that no answer has shown asks for the graph again", () => {
  expect(applyMessages(loaded, [started("r99", 1, 5)]).model.hasStrangers).toBe(true);
});

test("states are counted", () => {
  expect(countStates(applyMessages(loaded, [started("r2", 2, 5)]).model.runs.values())).toEqual({
    RUNNING: 1,
    PENDING: 2,
  });
});

test("what is heard while an answer is on its way is not lost to it", async () => {
  const store = new RunStore("r1");
  await store.load(() => Promise.resolve(chain));
  const answer = Promise.withResolvers<RunGraph>();
  const loading = store.load(() => answer.promise);
  store.push([started("r2", 2, 5), completed("r2", 3, 10)]);
  answer.resolve(chain);
  await loading;
  expect(store.readRun("r2")).toMatchObject({ state: "FINISHED", seq: 3, spans: [{ ended_at: at(10) }] });
  expect(store.readRun("r3")).toMatchObject({ ready_at: at(10) });
});

test("an answer that has what was heard already shows it once", async () => {
  const store = new RunStore("r1");
  await store.load(() => Promise.resolve(chain));
  const answer = Promise.withResolvers<RunGraph>();
  const loading = store.load(() => answer.promise);
  store.push([started("r2", 2, 5)]);
  const span = { started_at: at(5), ended_at: null, end: null };
  answer.resolve({ ...chain, nodes: [node("r2", { state: "RUNNING", attempt: 1, spans: [span] })] });
  await loading;
  expect(store.readRun("r2")).toMatchObject({ state: "RUNNING", spans: [span] });
});

test("a view of one run is called when that run changes, and for no other", async () => {
  const store = new RunStore("r1");
  await store.load(() => Promise.resolve(chain));
  const calls: string[] = [];
  const endFirst = store.subscribeRun("r2", () => calls.push("r2"));
  store.subscribeRun("r4", () => calls.push("r4"));
  store.subscribe(() => calls.push("any"));
  store.push([started("r2", 2, 5)]);
  expect(calls).toEqual(["r2", "any"]);
  endFirst();
  store.push([completed("r2", 3, 6)]);
  expect(calls).toEqual(["r2", "any", "any"]);
});
