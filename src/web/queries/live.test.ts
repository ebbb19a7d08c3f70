// Which messages concern which topic, and what they change in a list.
import { expect, test } from "vitest";
import type { ProgressMessage, RunMessage } from "../../api/event-message.ts";
import type { Run } from "../../api/run.ts";
import { applyMessages } from "../runs/use-live-runs.ts";
import { concerns } from "./live.ts";

const at = "2026-11-21T12:00:00.000Z";
const member: RunMessage = {
  type: "job_started",
  job_name: "loads",
  run_id: "r2",
  root_run_id: "r1",
  parent_run_id: "r1",
  seq: 2,
  pos: "9",
  at,
  state: "RUNNING",
  attempt: 2,
  worker: "mill-1",
};
const run = { run_id: "r2", state: "PENDING", reason: "waiting_retry", attempt: 1, progress: null } as Run;

test("a run inside a pipeline concerns its root and its job, and the list of root runs not", () => {
  const topics = ["jobs", "runs", "job:loads", "job:other", "run:r1", "run:r2", "run:r3"] as const;
  expect(topics.filter((topic) => concerns(topic, member))).toEqual(["runs", "job:loads", "run:r1", "run:r2"]);
});

test("an answer to a subscription concerns its topic alone; news of the orchestrator concern all", () => {
  expect(concerns("jobs", { type: "subscribed", topic: "runs", pos: "1" })).toBe(false);
  expect(concerns("run:r1", { type: "orchestrator_changed", claiming: false, at })).toBe(true);
});

test("messages move a run on as the server would say it", () => {
  const progress: ProgressMessage = {
    type: "job_progress",
    job_name: "loads",
    run_id: "r2",
    root_run_id: "r1",
    seq: 2,
    at,
    percent: 40,
    progress: 40,
    operation: "reads",
    done: 4,
    total: 10,
    rate: 1,
    eta: null,
  };
  const begun = applyMessages(run, [member, progress]);
  expect(begun).toMatchObject({
    state: "RUNNING",
    reason: null,
    attempt: 2,
    started_at: at,
    progress: { percent: 40 },
  });
  const { attempt: _attempt, worker: _worker, ...base } = member;
  const ended = applyMessages(begun, [
    { ...base, type: "job_error", state: "ERROR", reason: "failed", code: "X", error_message: "no" },
  ]);
  expect(ended).toMatchObject({ state: "ERROR", reason: "failed", finished_at: at });
});

test("a run that nobody speaks of stays the same object", () => {
  expect(applyMessages(run, undefined)).toBe(run);
});
