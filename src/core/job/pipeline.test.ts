import fc from "fast-check";
import { expect, test } from "vitest";
import { defineJob, type Job } from "./job.ts";
import { JobPipeline } from "./pipeline.ts";

function job<const Name extends string>(name: Name, io: { inputs?: string[]; outputs?: string[] } = {}): Job<Name> {
  return defineJob({ name, ...io, execute: () => undefined });
}

test("jobs come after those they depend on", () => {
  const pipeline = new JobPipeline("daily")
    .addJob(job("a"))
    .addJob(job("b"), { dependsOn: ["a"] })
    .addJob(job("c"), { dependsOn: ["a", "b"] });
  expect(pipeline.nodes().map((node) => node.job.name)).toEqual(["a", "b", "c"]);
});

test("a job that another depends on is given by its name or as it is", () => {
  const [a, b] = [job("a"), job("b")];
  const pipeline = new JobPipeline("daily").addJob(a).addJob(b, { dependsOn: [a, "a"] });
  expect(pipeline.nodes()[1]?.dependsOn).toEqual([{ job: "a", because: undefined }]);
  expect(() => pipeline.addJob(job("c"), { dependsOn: [job("b")] })).toThrowError(
    "job `c` depends on unknown job `b` in pipeline `daily`, but another job of that name was added",
  );
});

test("a job that depends on itself is refused by name", () => {
  const pipeline = new JobPipeline<string>("daily").addJob(job("a"));
  expect(() => pipeline.addJob(job("b"), { dependsOn: ["b"] })).toThrowError(
    "job `b` depends on itself in pipeline `daily`",
  );
});

test("a dataset that one job publishes and another reads makes an edge, whatever the order of adding", () => {
  const pipeline = new JobPipeline("daily")
    .addJob(job("report", { inputs: ["sales", "rates"] }))
    .addJob(job("load", { outputs: ["sales"] }));
  expect(pipeline.nodes().map((node) => [node.job.name, node.dependsOn])).toEqual([
    ["load", []],
    ["report", [{ job: "load", because: "sales" }]],
  ]);
  expect(pipeline.externalInputs()).toEqual(["rates"]);
});

test("an unknown dependency is refused with the closest name", () => {
  const pipeline = new JobPipeline("daily").addJob(job("ingest_customers"));
  // @ts-expect-error the type knows the names, too
  expect(() => pipeline.addJob(job("report"), { dependsOn: ["ingest_customer"] })).toThrowError(
    "job `report` depends on unknown job `ingest_customer` in pipeline `daily`, did you mean `ingest_customers`?",
  );
});

test.each([
  [{ after: ["a"] }, "unknown option `after` of job `b` in pipeline `daily`"],
  [{ dependsOn: "a" }, "expected `dependsOn` of job `b` in pipeline `daily` to be a list of jobs, got: `a`"],
  [{ onUpstreamFailure: "ignore" }, "to be one of `cancel`, `skip`, `continue`, got: `ignore`"],
])("options of a job in a pipeline that nobody would read are refused: %j", (options, message) => {
  const pipeline = new JobPipeline<string>("daily").addJob(job("a"));
  expect(() => pipeline.addJob(job("b"), options as never)).toThrowError(message);
});

test("a duplicate job and a dataset with two producers are refused by name", () => {
  expect(() => new JobPipeline("daily").addJob(job("a")).addJob(job("a"))).toThrowError(
    "job `a` is already in pipeline `daily`",
  );
  expect(() =>
    new JobPipeline("daily").addJob(job("a", { outputs: ["x"] })).addJob(job("b", { outputs: ["x"] })),
  ).toThrowError("jobs `a` and `b` both publish dataset `x`");
});

test("a cycle through datasets is refused with its path", () => {
  const pipeline = new JobPipeline("loop")
    .addJob(job("a", { inputs: ["z"], outputs: ["x"] }))
    .addJob(job("b", { inputs: ["x"], outputs: ["y"] }));
  expect(() => pipeline.addJob(job("c", { inputs: ["y"], outputs: ["z"] }))).toThrowError(
    /has a cycle: `\w` → `\w` → `\w` → `\w`/,
  );
});

test("any acyclic graph is ordered so that no job comes before one it depends on", () => {
  const graph = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(graph, (picks) => {
      const pipeline = new JobPipeline<string>("generated");
      for (const [index, pick] of picks.entries()) {
        const dependsOn = index === 0 ? [] : [...new Set(pick.map((value) => `j${value % index}`))];
        pipeline.addJob(job(`j${index}`), { dependsOn });
      }
      const position = new Map(pipeline.nodes().map((node, index) => [node.job.name, index]));
      expect(position.size).toBe(picks.length);
      for (const node of pipeline.nodes()) {
        for (const { job: upstream } of node.dependsOn)
          expect(position.get(upstream)).toBeLessThan(position.get(node.job.name) ?? -1);
      }
    }),
  );
});
