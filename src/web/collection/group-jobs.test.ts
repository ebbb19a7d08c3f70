import { describe, expect, it } from "vitest";
import type { CollectedJob } from "../../api/collection.ts";
import { groupJobs, needsLook } from "./group-jobs.ts";

const all = { units: 4, failed: 0, behind: 0, read_to: null, furthest: null };

describe("jobs that collect", () => {
  it("stand in their first pipeline, and those of none at the end", () => {
    const jobs = [
      job("alone"),
      job("issues", { pipelines: ["jira_job", "all"] }),
      job("pulls", { pipelines: ["all"] }),
    ];
    expect(names(groupJobs(jobs))).toEqual([
      ["all", ["pulls"]],
      ["jira_job", ["issues"]],
      [undefined, ["alone"]],
    ]);
  });

  it("come first when they need a look, errors before parts and old answers", () => {
    const jobs = [
      job("fine"),
      job("old", { stale_since: "2026-11-20T00:00:00.000Z" }),
      job("part", { state: "FINISHED", reason: "partial" }),
      job("broken", { state: "ERROR" }),
      job("behind", { coverage: { ...all, behind: 1 }, pipelines: ["z"] }),
      job("well", { pipelines: ["a"] }),
    ];
    expect(names(groupJobs(jobs))).toEqual([
      ["z", ["behind"]],
      [undefined, ["broken", "part", "old", "fine"]],
      ["a", ["well"]],
    ]);
    expect(groupJobs(jobs).map(({ troubled }) => troubled)).toEqual([1, 3, 0]);
  });

  it("are found by their name or that of their pipeline, and with what needs a look alone", () => {
    const jobs = [job("pulls", { pipelines: ["github_job"] }), job("issues", { state: "ERROR" })];
    expect(names(groupJobs(jobs, { q: " GitHub " }))).toEqual([["github_job", ["pulls"]]]);
    expect(names(groupJobs(jobs, { trouble: true }))).toEqual([[undefined, ["issues"]]]);
    expect(groupJobs(jobs, { q: "nothing" })).toEqual([]);
  });

  it("need no look when their units cannot be counted", () => {
    expect(needsLook(job("many", { coverage: null }))).toBe(false);
  });
});

function names(groups: ReturnType<typeof groupJobs>): unknown[] {
  return groups.map(({ pipeline, jobs }) => [pipeline, jobs.map(({ job_name: name }) => name)]);
}

function job(name: string, facts: Partial<CollectedJob> = {}): CollectedJob {
  return {
    job_name: name,
    pipelines: [],
    connections: [],
    state: "FINISHED",
    reason: null,
    last_run_id: null,
    last_run_at: null,
    fresh_at: null,
    last_read_at: null,
    coverage: all,
    stale_since: null,
    ...facts,
  };
}
