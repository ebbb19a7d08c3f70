import { expect, test } from "vitest";
import type { Run } from "../../api/run.ts";
import type { ControlCalls } from "./control-plane.ts";
import { newestRunOf, parseRun, parseTarget } from "./run-target.ts";

type ListedRun = readonly [id: string, by: string, job?: string];
type ListQuery = { readonly job?: string; readonly cursor?: string };

// Pages of runs, of which only the id and who started them matter here.
function createPlane(...pages: readonly (readonly ListedRun[])[]): ControlCalls {
  const answer = ({ cursor = "0" }: ListQuery): unknown => {
    const items = (pages[Number(cursor)] ?? []).map(
      ([run_id, created_by, job_name = "load"]) => ({ run_id, created_by, job_name }) as Run,
    );
    return { items, next_cursor: Number(cursor) + 1 < pages.length ? String(Number(cursor) + 1) : null };
  };
  return {
    call: async (_name, input) => answer((input as unknown as { readonly query: ListQuery }).query) as never,
  };
}

test("`last` is the newest run that a person or a schedule started, however many runs it spawned", async () => {
  const plane = createPlane(
    [
      ["r9", "r7"],
      ["r8", "r6"],
    ],
    [
      ["r7", "r5"],
      ["r5", "schedule"],
      ["r4", "ada"],
    ],
  );
  expect(await parseRun(plane, "last")).toBe("r5");
  expect(await parseTarget(plane, "last")).toEqual({ run: "r5" });
});

test("of a job the newest run is taken, whoever started it", async () => {
  expect(await newestRunOf(createPlane([["r9", "r7"]]), "load")).toMatchObject({ run_id: "r9" });
});

test("where there is no run, that is said", async () => {
  await expect(parseRun(createPlane([]), "last")).rejects.toThrow("there is no run yet");
  await expect(newestRunOf(createPlane([]), "load")).rejects.toThrow("there is no run of `load` yet");
});

test("`last` is no run of the upkeep, unless somebody started it by hand", async () => {
  expect(
    await parseRun(
      createPlane([
        ["r3", "schedule", "sleep_job"],
        ["r2", "ada"],
      ]),
      "last",
    ),
  ).toBe("r2");
  expect(
    await parseRun(
      createPlane([
        ["r3", "ada", "sleep_job"],
        ["r2", "ada"],
      ]),
      "last",
    ),
  ).toBe("r3");
});
