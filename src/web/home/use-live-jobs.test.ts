// Progress in the list of jobs.
import { expect, test } from "vitest";
import type { ProgressMessage } from "../../api/event-message.ts";
import type { JobOverview } from "../../api/job.ts";
import { newestProgress, withProgress } from "./use-live-jobs.ts";

const message: ProgressMessage = {
  type: "job_progress",
  job_name: "loads",
  run_id: "r2",
  root_run_id: "r2",
  seq: 2,
  at: "2026-11-21T12:00:00.000Z",
  percent: 40,
  progress: 40,
  operation: null,
  done: 4,
  total: 10,
  rate: 1,
  eta: { p50: "2026-11-21T12:05:00.000Z", p90: "2026-11-21T12:09:00.000Z" },
};
const job = { job_name: "loads", current: null } as JobOverview;

test("of many messages of a job the newest counts", () => {
  const newer = { ...message, percent: 41 };
  expect(newestProgress([message, { type: "pong", at: message.at }, newer]).get("loads")).toBe(newer);
});

test("progress shows, and what would show the same is the same object", () => {
  const shown = withProgress(job, message);
  expect(shown.current).toEqual({ run_id: "r2", percent: 40, eta_p50: "2026-11-21T12:05:00.000Z" });
  expect(withProgress(shown, message)).toBe(shown);
  expect(withProgress(job, undefined)).toBe(job);
});

test("another run beside the one that shows does not take its place", () => {
  const shown = withProgress(job, message);
  expect(withProgress(shown, { ...message, run_id: "r3", percent: 1 })).toBe(shown);
});
