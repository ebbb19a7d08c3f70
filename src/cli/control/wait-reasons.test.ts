import { expect, test } from "vitest";
import type { Explanation, Run } from "../../api/run.ts";
import { tellWait, WaitReasons } from "./wait-reasons.ts";

function run(state: Run["state"], name = "orders", fields: Partial<Run> = {}): Run {
  return { run_id: "r1", job_name: name, state, reason: null, attempt: 0, ...fields } as Run;
}

function explanation(fields: Partial<Explanation> = {}): Explanation {
  const summary = "waits because connection `shop` is failing";
  const remedy = "`millrace connections reset shop`";
  return { run_id: "r1", job_name: "orders", state: "PENDING", summary, details: [], remedy, because: [], ...fields };
}

const told = ["orders: waits because connection `shop` is failing", "  → `millrace connections reset shop`"];

test("what a run waits for is told once when it has waited a moment, and again when that is something else", async () => {
  let current = explanation();
  const reasons = new WaitReasons(async () => current);
  const look = (nowMs: number): Promise<readonly string[]> => reasons.look(run("PENDING"), [], nowMs);
  expect([await look(0), await look(1_999), await look(2_000), await look(2_100)]).toEqual([[], [], told, []]);
  expect(await look(70_000)).toEqual([]);
  current = explanation({ summary: "waits for a free slot", remedy: null });
  expect([await look(71_000), await look(131_000)]).toEqual([[], ["orders: waits for a free slot"]]);
});

test("nothing is asked while a job of the run executes, and the moment begins anew with each change", async () => {
  const asked: string[] = [];
  const reasons = new WaitReasons(async (runId) => {
    asked.push(runId);
    return explanation();
  });
  const pipeline = run("PENDING", "daily");
  const waits = run("PENDING", "report", { run_id: "r2" });
  await reasons.look(pipeline, [run("RUNNING"), waits], 0);
  await reasons.look(pipeline, [run("RUNNING"), waits], 9_000);
  await reasons.look(pipeline, [run("FINISHED"), waits], 10_000);
  expect(asked).toEqual([]);
  expect(await reasons.look(pipeline, [run("FINISHED"), waits], 12_000)).toEqual(told);
  expect(asked).toEqual(["r1"]);
});

test("of a pipeline the jobs that hold it up are told, and nothing of a run that executes by now", () => {
  const daily = explanation({ job_name: "daily", because: [explanation(), explanation({ state: "RUNNING" })] });
  expect(tellWait(daily)).toEqual(told);
  expect(tellWait(explanation({ state: "RUNNING" }))).toEqual([]);
});
