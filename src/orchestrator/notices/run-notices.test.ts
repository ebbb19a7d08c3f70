// What people are told of a run that ended.
import { describe, expect, test } from "vitest";
import { MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
import type { NotificationEvent } from "../../core/notification/notification-event.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json, Settlement } from "../../store/rows/run-records.ts";
import { noticesOfEnd, noticesOfFailure } from "./run-notices.ts";

const run = { runId: 42 as RunId, rootRunId: 41 as RunId, job: "load" };
const fence = { runId: run.runId, epoch: 1 };
const error = toErrorRecord(new MillraceError("CONNECTION_FAILED", "no answer", { hint: "start it" }));

describe("notices of a run that ended", () => {
  test("a failure says what broke, where and what to do", () => {
    const [notice, ...others] = noticesOfEnd(routing("failed"), run, {
      ...fence,
      end: "failed",
      reason: "failed",
      error,
    });
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      event: "failed",
      job: "load",
      run: "r42",
      root: "r41",
      severity: "error",
      message: "no answer",
      code: "CONNECTION_FAILED",
      hint: "start it",
    });
    expect(notice?.key).toMatch(/^failed:[0-9a-f]{14}$/);
  });

  test("nobody is told of what somebody did", () => {
    for (const reason of ["stopped", "cancelled"] as const) {
      expect(noticesOfEnd(routing("failed"), run, { ...fence, end: "failed", reason, error })).toEqual([]);
    }
  });

  test("checks come first, then what is over, then what went well", () => {
    const events = noticesOfEnd(routing("quality", "recovered", "succeeded"), run, finished).map(({ event }) => event);
    expect(events).toEqual(["quality", "recovered", "succeeded"]);
  });

  test("trouble that somebody was told of ends, whoever is told of that", () => {
    expect(noticesOfEnd(routing("failed"), run, finished)).toMatchObject([{ event: "recovered", routes: [] }]);
    expect(noticesOfEnd(routing("succeeded"), run, finished)).toMatchObject([{ event: "succeeded" }]);
    expect(noticesOfEnd(routing(), run, finished)).toEqual([]);
  });

  test("what a job says in its summary is told with its success, and anything else of its result is not", () => {
    const messageOf = (result: Json): string | undefined =>
      noticesOfEnd(routing("succeeded"), run, { ...finished, result })[0]?.message;
    expect(messageOf({ summary: "12 deployments\n1 failed", rows: 12 })).toBe(
      "`load` finished\n12 deployments\n1 failed",
    );
    for (const result of [{ summary: "" }, { summary: 12 }, { rows: 12 }, "text", ["summary"], null]) {
      expect(messageOf(result)).toBe("`load` finished");
    }
  });

  test("what finished in part says so and ends no trouble", () => {
    const partial: Settlement = { ...finished, reason: "partial" };
    const notices = noticesOfEnd(routing("failed", "recovered", "succeeded"), run, partial);
    expect(notices).toMatchObject([{ event: "succeeded", message: "`load` finished, but not all of it" }]);
  });

  test("nobody is told of what is replayed, and no trouble ends by it, unless effects were asked for", () => {
    const replaying = (withEffects: boolean) => ({ ...run, params: { $replay: { id: "load@replay-1", withEffects } } });
    const router = routing("failed", "quality", "recovered", "succeeded");
    const failed: Settlement = { ...fence, end: "failed", reason: "failed", error };
    expect(noticesOfEnd(router, replaying(false), finished)).toEqual([]);
    expect(noticesOfEnd(router, replaying(false), failed)).toEqual([]);
    expect(noticesOfFailure(router, replaying(false), { reason: "lost", error })).toEqual([]);
    expect(noticesOfEnd(router, replaying(true), failed)).toHaveLength(2);
  });

  test("a run that goes on is not told of", () => {
    expect(noticesOfEnd(routing("failed"), run, { ...fence, end: "retry", delayMs: 1, error })).toEqual([]);
  });
});

const finished = { ...fence, end: "finished", result: null } as const;

function routing(...events: NotificationEvent[]): Parameters<typeof noticesOfEnd>[0] {
  const route = { channel: "ops", groupMs: 0, repeatMs: null, after: 1, isPaging: false };
  return { routesFor: (_, event) => (events.includes(event) ? [route] : []) };
}
