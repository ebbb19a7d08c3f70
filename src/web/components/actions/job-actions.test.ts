// Which actions are offered to which role, for a job and for a run.
import { expect, test } from "vitest";
import { listJobActions, type ActionableJob } from "./job-actions.ts";
import { listRunActions } from "./run-actions.ts";

const idle: ActionableJob = { job_name: "loads", paused: null, running: 0, pending: 0 };
const paused = { by: "ada", reason: null, at: "2026-11-21T00:00:00.000Z" };
const failedRun = { run_id: "r42", job_name: "loads", state: "ERROR" } as const;

test("a viewer is offered nothing, an operator no force, an admin all", () => {
  expect(listJobActions(idle, "viewer")).toEqual([]);
  expect(listJobActions(idle, "operator").map(({ label }) => label)).toEqual(["Start", "Pause", "Stop"]);
  expect(listJobActions(idle, "admin").map(({ label }) => label)).toEqual([
    "Start",
    "Pause",
    "Stop",
    "Force start",
    "Force stop",
  ]);
});

test("a paused job is resumed, not paused again", () => {
  expect(listJobActions({ ...idle, paused }, "operator").map(({ label }) => label)).toEqual([
    "Start",
    "Resume",
    "Stop",
  ]);
});

test("stopping says why it cannot be done while nothing is under way", () => {
  const stop = listJobActions(idle, "operator").find(({ label }) => label === "Stop");
  expect(stop?.whyNot).toBe("loads has no unfinished run");
  const busy = listJobActions({ ...idle, running: 1 }, "operator").find(({ label }) => label === "Stop");
  expect(busy?.whyNot).toBeUndefined();
});

test("what is forced must be typed first", () => {
  const forced = listJobActions(idle, "admin").filter(({ label }) => label.startsWith("Force"));
  expect(forced.map(({ confirm }) => confirm?.typedName)).toEqual(["loads", "loads"]);
});

test("a run is offered what the server allows in its state, as far as the role goes", () => {
  const labels = (role: "viewer" | "operator" | "admin"): readonly string[] =>
    listRunActions(failedRun, ["retry", "rerun", "start"], role).map(({ label }) => label);
  expect(labels("viewer")).toEqual([]);
  expect(labels("operator")).toEqual(["Retry", "Run again"]);
  expect(labels("admin")).toEqual(["Retry", "Run again", "Force start"]);
});
