import { expect, test } from "vitest";
import { z } from "zod";
import { dataset } from "../dataset/dataset-handle.ts";
import { defineJob, isJob, type JobDefinition } from "./job.ts";
import { JobPipeline } from "./pipeline.ts";

test("a definition gets its defaults", () => {
  const job = defineJob({ name: "load", timeout: "2h", execute: () => 1 });
  expect(job).toMatchObject({
    kind: "job",
    name: "load",
    timeoutMs: 7_200_000,
    inputs: [],
    outputs: [],
    retry: { maxRetries: 3, baseDelayMs: 300_000 },
  });
  expect(isJob(job)).toBe(true);
  expect([isJob({}), isJob(null), isJob("job")]).toEqual([false, false, false]);
});

test.each(["Load", "1load", "", "a-b", "__proto__", "a".repeat(101)])("the name `%s` is refused", (name) => {
  expect(() => defineJob({ name, execute: () => 1 })).toThrowError(`got: \`${name}\``);
});

test("a misspelt option is refused with the right one", () => {
  const misspelt = { name: "load", retries: {}, execute: () => 1 };
  expect(() => defineJob(misspelt)).toThrowError("unknown option `retries` of job `load`, did you mean `retry`?");
});

test("an unknown purpose and a missing execute are refused", () => {
  expect(() => defineJob({ name: "load", purpose: "extract" as "extraction", execute: () => 1 })).toThrowError(
    "`utility`, `ml`, got: `extract`, did you mean `extraction`?",
  );
  expect(() => defineJob({ name: "load" } as JobDefinition<string, unknown, unknown>)).toThrowError(
    "expected `execute` of job `load` to be a function, got: `undefined`",
  );
});

test("config and params have the types of their schemas", () => {
  const job = defineJob({
    name: "typed",
    config: z.object({ organization: z.string() }),
    params: z.object({ days: z.number() }),
    execute: (ctx) => ctx.config.organization.repeat(ctx.params.days),
  });
  expect(job.name satisfies "typed").toBe("typed");
});

test("the engine's own name in the API is refused", () => {
  expect(() => defineJob({ name: "orchestrator", execute: () => null })).toThrow(/not taken, got: `orchestrator`/);
});

test("inputs, outputs and spawned jobs are given by name or as they are", () => {
  const other = defineJob({ name: "other", execute: () => 1 });
  const rates = dataset("rates", { external: true });
  const job = defineJob({
    name: "load",
    inputs: ["orders", rates],
    outputs: [dataset("sums"), "report"],
    spawns: [other, "third"],
    execute: () => 1,
  });
  expect(job).toMatchObject({
    inputs: ["orders", "rates"],
    declaredExternal: ["rates"],
    outputs: ["sums", "report"],
    spawns: ["other", "third"],
  });
});

test.each([
  [{ inputs: "a" }, "expected `inputs` of job `load` to be a list of datasets and topics, got: `a`"],
  [{ outputs: [{ name: "a" }] }, "expected `outputs[0]` of job `load` to be a name of lower case letters"],
  [{ spawns: [null] }, "expected `spawns[0]` of job `load` to be a job or its name, got: `null`"],
  [{ inputs: ["a"], outputs: [dataset("a")] }, "job `load` depends on itself: it reads and publishes dataset `a`"],
])("%j is refused", (wrong, message) => {
  expect(() => defineJob({ name: "load", execute: () => 1, ...(wrong as object) })).toThrowError(message);
});

test("a job that is started by files declares the param that names them", () => {
  const schedule = { files: { path: "inbox/*.csv" } } as const;
  const define = (params?: z.ZodType): unknown =>
    defineJob({ name: "load", schedule, ...(params === undefined ? {} : { params }), execute: () => 1 });
  const message = "expected `params` of job `load` to be a schema with `files`, a list of texts";
  expect(() => define()).toThrowError(message);
  expect(() => define(z.object({ day: z.string() }))).toThrowError(
    `${message}, which a schedule of \`files\` gives to its runs, got: \`day\``,
  );
  expect(define(z.object({ files: z.array(z.string()) }))).toMatchObject({ schedule: { timing: { kind: "files" } } });
  // nobody can look into others
  expect(define(z.object({}).or(z.object({ files: z.array(z.string()) })))).toMatchObject({ name: "load" });
});

test("a job and a pipeline are started by datasets and by files", () => {
  const schedule = { after: ["orders"], any: true } as const;
  expect(defineJob({ name: "report", schedule, execute: () => {} }).schedule).toMatchObject({
    timing: { kind: "datasets", datasets: ["orders"], any: true },
    missed: "latest",
    window: false,
  });
  expect(new JobPipeline("daily", { schedule: { files: { path: "inbox/*.csv" } } }).schedule).toMatchObject({
    timing: { kind: "files", path: "inbox/*.csv" },
  });
});
