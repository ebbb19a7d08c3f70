import { describe, expect, it } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { FeedEvent } from "../../store/feed/feed-store.ts";
import { toRunMessage } from "./to-run-message.ts";

const event: FeedEvent = {
  runId: 7 as RunId,
  seq: 3,
  atMs: Date.UTC(2026, 2, 1, 6),
  type: "note",
  position: "12",
  job: "etl",
  kind: "job",
  rootRunId: 5 as RunId,
  parentRunId: 6 as RunId,
  startedAtMs: undefined,
};

describe("toRunMessage", () => {
  it("says whose event it is, and where in the history and the stream", () => {
    expect(toRunMessage({ ...event, data: { n: 1 } })).toEqual({
      type: "job_event",
      event: "note",
      data: { n: 1 },
      job_name: "etl",
      run_id: "r7",
      root_run_id: "r5",
      parent_run_id: "r6",
      seq: 3,
      pos: "12",
      at: "2026-03-01T06:00:00.000Z",
      state: "RUNNING",
    });
  });

  it("tells how long a run took", () => {
    const data = { attempt: 1, reason: "partial" };
    const finished = { ...event, type: "finished", data, startedAtMs: event.atMs - 1_500 };
    expect(toRunMessage(finished)).toMatchObject({
      type: "job_completed",
      state: "FINISHED",
      reason: "partial",
      duration_ms: 1_500,
    });
    expect(toRunMessage({ ...finished, startedAtMs: event.atMs + 10 })).toMatchObject({ duration_ms: 0 });
    expect(toRunMessage({ ...event, type: "skipped", data: { reason: "skipped", upstream: "r6" } })).toMatchObject({
      type: "job_completed",
      reason: "skipped",
      duration_ms: null,
    });
  });

  it("tells of every way to end in ERROR why", () => {
    const ends: readonly [type: string, data: FeedEvent["data"], expected: object][] = [
      [
        "failed",
        { attempt: 2, reason: "failed", code: "JOB_FAILED", message: "it broke" },
        { reason: "failed", code: "JOB_FAILED", error_message: "it broke" },
      ],
      [
        "cancelled",
        { reason: "upstream_failed", upstream: "r6" },
        { reason: "upstream_failed", error_message: "`r6` failed" },
      ],
      ["stopped", { by: "ann" }, { reason: "stopped", code: "RUN_STOPPED", error_message: "stopped by ann" }],
      [
        "force_stopped",
        { by: "ann", reason: "hangs" },
        { reason: "force_stopped", error_message: "force-stopped by ann: hangs" },
      ],
    ];
    for (const [type, data, expected] of ends) {
      expect(toRunMessage({ ...event, type, ...(data === undefined ? {} : { data }) })).toMatchObject({
        type: "job_error",
        state: "ERROR",
        ...expected,
      });
    }
  });

  it("tells when the next attempt is due", () => {
    const data = { attempt: 2, runAtMs: Date.UTC(2026, 2, 1, 7), code: "JOB_FAILED", message: "busy" };
    expect(toRunMessage({ ...event, type: "retry_scheduled", data })).toMatchObject({
      type: "job_retry_scheduled",
      state: "PENDING",
      attempt: 2,
      due_at: "2026-03-01T07:00:00.000Z",
      error_message: "busy",
    });
  });

  it("knows the state that a resumed run is in", () => {
    const resumed = { ...event, type: "resumed", data: { by: "ann" } };
    expect(toRunMessage(resumed)).toMatchObject({ type: "job_resumed", by: "ann", state: "PENDING" });
    expect(toRunMessage({ ...resumed, data: { by: "ann", executing: true } }).state).toBe("RUNNING");
    expect(toRunMessage({ ...resumed, kind: "pipeline", startedAtMs: 1 }).state).toBe("RUNNING");
  });

  it("takes odd data for what it is and leaves out what is too long", () => {
    expect(toRunMessage({ ...event, type: "started", data: ["x"] })).toMatchObject({ attempt: 1, worker: null });
    expect(toRunMessage({ ...event, type: "failed", data: null })).toMatchObject({
      code: null,
      error_message: "failed",
    });
    expect(toRunMessage({ ...event, data: "x".repeat(20_000) })).toMatchObject({ data: { left_out: true } });
  });
});
