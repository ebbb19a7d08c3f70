import { expect, test } from "vitest";
import { MillraceError } from "../../core/errors/errors.ts";
import type { ControlCalls } from "./control-plane.ts";
import { toRefusedAction } from "./refused-action.ts";

const plane = { call: async () => ({ job_name: "daily" }) } as unknown as ControlCalls;

function refusal(allowed: readonly string[]): MillraceError {
  return new MillraceError("TRANSITION_INVALID", "cannot retry", { hint: "it allows …", details: { allowed } });
}

test("a run that finished is told the command for a new run", async () => {
  expect(await toRefusedAction(plane, { run: "r1" }, refusal(["rerun"]))).toMatchObject({
    code: "TRANSITION_INVALID",
    message: "cannot retry",
    hint: "`millrace start daily` makes a new run; `millrace show r1` has the params of this one",
  });
});

test("a run that waits is told each command, with the run", async () => {
  expect(await toRefusedAction(plane, { run: "r7" }, refusal(["start", "stop"]))).toMatchObject({
    hint: "`millrace start r7 --force` starts it now; `millrace stop r7` ends it",
  });
});

test("a job is told the commands with its name, and another error stays as it is", async () => {
  expect(await toRefusedAction(plane, { job: "daily" }, refusal(["start", "pause"]))).toMatchObject({
    hint: "it allows `millrace start daily`, `millrace pause daily`",
  });
  const unknown = new MillraceError("RUN_UNKNOWN", "unknown run");
  expect(await toRefusedAction(plane, { run: "r1" }, unknown)).toBe(unknown);
});
