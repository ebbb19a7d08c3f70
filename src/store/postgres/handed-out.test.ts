import { expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, Fence, WorkerId } from "../rows/run-records.ts";
import { HandedOut } from "./handed-out.ts";

const workerId = 1 as WorkerId;
const fence = (runId: number, epoch = 1): Fence => ({ runId: runId as RunId, epoch });
const run = (runId: number): ClaimedRun => fence(runId) as ClaimedRun;
const request = (...executing: Fence[]) => ({ workerId, limit: 1, executing });

test("a worker that was never seen, or whose claim failed, may hold anything", () => {
  const handedOut = new HandedOut();
  expect(handedOut.mayHaveForgotten(request())).toBe(true);
  handedOut.know(request());
  expect(handedOut.mayHaveForgotten(request())).toBe(false);
  handedOut.doubt(workerId);
  expect(handedOut.mayHaveForgotten(request())).toBe(true);
});

test("what was handed out and neither executes nor was settled is forgotten", () => {
  const handedOut = new HandedOut();
  handedOut.know(request());
  handedOut.add(workerId, [run(7), run(8)]);
  expect(handedOut.mayHaveForgotten(request(fence(7), fence(8)))).toBe(false);
  expect(handedOut.mayHaveForgotten(request(fence(7)))).toBe(true);
  handedOut.remove([{ ...fence(8), end: "released" }]);
  expect(handedOut.mayHaveForgotten(request(fence(7)))).toBe(false);
  expect(handedOut.mayHaveForgotten(request(fence(7, 2)))).toBe(true);
});

test("a caller that does not say what it executes is not asked", () => {
  expect(new HandedOut().mayHaveForgotten({ workerId, limit: 1 })).toBe(false);
});
