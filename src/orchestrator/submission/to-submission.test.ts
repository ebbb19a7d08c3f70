import { expect, test } from "vitest";
import { defineJob } from "../../core/job/job.ts";
import { JobPipeline } from "../../core/job/pipeline.ts";
import { toRunKey, toSubmission } from "./to-submission.ts";

const options = { params: { day: "x" }, tenant: "default", createdBy: "test" };

test("a pipeline becomes its own run and one child a job, with edges between positions", () => {
  const a = defineJob({ name: "a", outputs: ["x"], execute: () => 1 });
  const b = defineJob({ name: "b", inputs: ["x"], execute: () => 1 });
  const submission = toSubmission(new JobPipeline("p").addJob(b, { onUpstreamFailure: "skip" }).addJob(a), options);
  expect(submission.runs.map(({ job, kind, parent }) => [job, kind, parent])).toEqual([
    ["p", "pipeline", undefined],
    ["a", "job", 0],
    ["b", "job", 0],
  ]);
  expect(submission.edges).toEqual([{ parent: 1, child: 2, onUpstreamFailure: "skip" }]);
});

test("a run names the gates of its job and tenant, and has its job's priority", () => {
  const job = defineJob({
    name: "j",
    concurrency: 2,
    pool: "gpu",
    connections: ["github", "jira"],
    priority: -7,
    execute: () => 1,
  });
  expect(toSubmission(job, options).runs[0]).toMatchObject({
    priority: -7,
    gates: ["job:j", "pool:gpu", "connection:github", "connection:jira", "tenant:default"],
  });
});

test("a job without limits passes the gate of its tenant alone", () => {
  const job = defineJob({ name: "j", execute: () => 1 });
  expect(toSubmission(job, options).runs[0]).toMatchObject({ priority: 0, gates: ["tenant:default"] });
});

test("members of a pipeline have gates and priorities, the pipeline itself has none", () => {
  const a = defineJob({ name: "a", concurrency: 1, priority: 3, execute: () => 1 });
  const [root, member] = toSubmission(new JobPipeline("p").addJob(a), options).runs;
  expect([root?.gates, root?.priority]).toEqual([undefined, undefined]);
  expect([member?.gates, member?.priority]).toEqual([["job:a", "tenant:default"], 3]);
});

test("the run key does not depend on the order of params, but on everything else", () => {
  const key = (params: Record<string, number>, tenant = "t"): string => toRunKey("j", { ...options, params, tenant });
  expect(key({ a: 1, b: 2 })).toBe(key({ b: 2, a: 1 }));
  expect(new Set([key({ a: 1 }), key({ a: 2 }), key({}), key({ a: 1 }, "u")]).size).toBe(4);
});

test("a pipeline without jobs is refused by name", () => {
  expect(() => toSubmission(new JobPipeline("empty"), options)).toThrowError("pipeline `empty` has no jobs");
});
