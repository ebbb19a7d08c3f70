// One module run for an outside scheduler; processes that share a pipeline, are stopped or killed, and go on.
import { createHash } from "node:crypto";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";

const files = {
  "millrace.config.ts": "export default {};\n",
  "jobs/load.ts": `import { defineJob, z } from "millrace";
export default defineJob({
  name: "load",
  params: z.object({ load_job: z.object({ path: z.string() }).optional(), start_date: z.string(), rows: z.number().default(1) }),
  execute: (ctx) => {
    if (ctx.params.rows < 0) throw new RangeError("no such rows");
    return { path: ctx.params.load_job?.path, from: ctx.params.start_date, by: ctx.run.createdBy, rows: ctx.params.rows };
  },
});
`,
  "pipelines/steps.ts": `import { appendFileSync, existsSync } from "node:fs";
import { defineJob, JobPipeline } from "millrace";
const job = (name) => defineJob({
  name,
  execute: async (ctx) => {
    do await new Promise((resolve) => setTimeout(resolve, 20)); while (!existsSync(ctx.path("go.txt")));
    appendFileSync(ctx.path("done.txt"), name + "\\n");
  },
});
const steps = new JobPipeline("steps").addJob(job("s0"));
for (let index = 1; index < 12; index += 1) steps.addJob(job("s" + index), { dependsOn: index < 6 ? ["s0"] : ["s" + (index - 5)] });
export default steps;
`,
};

let project: CliProject;
beforeEach(async () => {
  project = await CliProject.create(files);
});
afterEach(() => project[Symbol.asyncDispose]());

test("params come from the command line, the result is one line of JSON", async () => {
  const args = ["--start_date", "2024-01-01", "--created_by", "airflow", "--load_job", '{"path":"s3://x"}', "--rows=7"];
  const { code, stdout } = await project.run("exec", "--module_name", "jobs.load", ...args);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    schema_version: 1,
    run_id: "r1",
    state: "FINISHED",
    service_provider: "LOCAL",
    has_spark: false,
    result: { path: "s3://x", from: "2024-01-01", by: "airflow", rows: 7 },
  });
});

test.each([
  [["--module_name", "jobs/load.ts", "--start_date", "x", "--rows", "-1"], 1, "JOB_FAILED"],
  [["--module_name", "jobs/load.ts"], 2, "PARAMS_INVALID"],
  [["--module_name", "../elsewhere.ts"], 2, "MODULE_OUTSIDE_PROJECT"],
  [["--module_name", "millrace.config.ts"], 2, "MODULE_OUTSIDE_PROJECT"],
  [["--module_name", "/etc/hostname"], 2, "MODULE_OUTSIDE_PROJECT"],
  [["--module_name", "jobs/laod.ts"], 2, "MODULE_UNREADABLE"],
  [["--start_date", "x"], 2, "USAGE_INVALID"],
])("exec %j ends with %d and the code in its JSON", async (args, exitCode, errorCode) => {
  const { code, stdout } = await project.run("exec", ...args);
  expect({ code, error: JSON.parse(stdout) as unknown }).toMatchObject({
    code: exitCode,
    error: { error: { code: errorCode } },
  });
});

test("a link out of the job folders is refused", async () => {
  await symlink("/etc/hostname", join(project.path, "jobs/link.ts"));
  const { code, stderr } = await project.run("exec", "--module_name", "jobs/link.ts");
  expect(code).toBe(2);
  expect(stderr).toContain("MODULE_OUTSIDE_PROJECT");
});

test("two processes that run the same pipeline share its jobs, and each job runs once", async () => {
  const processes = [project.start("run", "steps", "--json"), project.start("run", "steps", "--json")];
  for (const each of processes) await each.waitForNote("run r1: steps");
  // Only now the first step ends, so that the second process finds the run of the first, however slow it was.
  await project.write("go.txt", "");
  const both = await Promise.all(processes.map((each) => each.ended));
  for (const { code, stdout, stderr } of both) {
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ run_id: "r1", state: "FINISHED" });
  }
  const done = (await project.read("done.txt")).trimEnd().split("\n");
  expect(done.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `s${index}`).toSorted());
  expect(await project.run("verify")).toMatchObject({ code: 0 });
});

test("what a job prints goes to stderr, and the result stays the only line on stdout", async () => {
  await project.write(
    "jobs/chatty.ts",
    `import { defineJob } from "millrace";
console.log("loaded");
export default defineJob({ name: "chatty", execute() { console.log("at work"); process.stdout.write("raw\\n"); return 1; } });
`,
  );
  const { code, stdout, stderr } = await project.run("exec", "--module_name=jobs/chatty.ts", "--version", "--verbose");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ job_name: "chatty", result: 1 });
  for (const text of ["loaded\n", "at work\n", "raw\n"]) expect(stderr).toContain(text);
});

test("params too long for a command line come from a file, and the command line wins", async () => {
  const text = JSON.stringify({ start_date: "2024-01-01", rows: 5, load_job: { path: "x".repeat(20_000) } });
  await project.write("params.json", text);
  const sum = createHash("sha256").update(text).digest("hex");
  const args = ["exec", "--module_name", "jobs/load.ts", "--config_uri", "params.json", "--rows", "6"];
  const { code, stdout } = await project.run(...args, "--config_sha256", sum);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ result: { path: "x".repeat(20_000), from: "2024-01-01", rows: 6 } });
  await project.write("params.json", text.replace("5", "7"));
  const changed = await project.run(...args, "--config_sha256", sum);
  expect(changed.code).toBe(2);
  expect(JSON.parse(changed.stdout)).toMatchObject({
    run_id: null,
    state: "NOT_STARTED",
    error: { code: "USAGE_INVALID" },
  });
});

test("the platform is detected and part of the result", async () => {
  const args = ["exec", "--module_name", "jobs/load.ts", "--start_date", "x"];
  const { stdout } = await project.shell(`DATABRICKS_RUNTIME_VERSION=15.4 millrace ${args.join(" ")}`);
  expect(JSON.parse(stdout)).toMatchObject({ service_provider: "DATABRICKS", has_spark: true });
});

test("a pipeline is run as a whole, and its failure names the jobs that failed", async () => {
  await project.write(
    "pipelines/fails.ts",
    `import { defineJob, JobPipeline } from "millrace";
const bad = defineJob({ name: "bad", execute() { throw new Error("no"); } });
export default new JobPipeline("fails").addJob(bad);
`,
  );
  const { code, stdout } = await project.run("exec", "--module_name", "pipelines.fails");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    job_name: "fails",
    state: "ERROR",
    error: { message: expect.stringContaining("failed: `bad`") },
  });
});

const gate = `import { appendFileSync, existsSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { defineJob, JobPipeline } from "millrace";
const before = defineJob({ name: "before", execute: (ctx) => appendFileSync(ctx.path("trace.txt"), "before\\n") });
const gate = defineJob({
  name: "gate",
  async execute(ctx) {
    const begun = await ctx.step("begin", () => { appendFileSync(ctx.path("trace.txt"), "step\\n"); return 7; });
    console.error("the gate is reached");
    while (!existsSync(ctx.path("open"))) await setTimeout(10, undefined, { signal: ctx.signal });
    return { begun };
  },
});
export default new JobPipeline("guarded").addJob(before).addJob(gate, { dependsOn: ["before"] });
`;

test.each([
  ["run", ["run", "guarded"]],
  ["exec", ["exec", "--module_name", "pipelines/guarded.ts"]],
])("a `%s` that is killed is taken over at once, and nothing that is done is done again", async (_, args) => {
  await project.write("pipelines/guarded.ts", gate);
  const first = project.start(...args);
  await first.waitForNote("the gate is reached");
  first.kill("SIGKILL");
  expect((await first.ended).code).toBeNull();
  await project.write("open", "");
  const startedAtMs = performance.now();
  const second = await project.run(...args);
  expect(performance.now() - startedAtMs).toBeLessThan(5_000);
  expect(second).toMatchObject({ code: 0 });
  expect(second.stderr).toContain("continuing run r1: guarded");
  expect(await project.read("trace.txt")).toBe("before\nstep\n");
  expect(await project.run("verify")).toMatchObject({ code: 0 });
});

test("Ctrl-C during `exec` gives the run back, and the same command goes on with it", async () => {
  await project.write("pipelines/guarded.ts", gate);
  const args = ["exec", "--module_name", "pipelines/guarded.ts"];
  const first = project.start(...args);
  await first.waitForNote("the gate is reached");
  first.kill("SIGINT");
  const stopped = await first.ended;
  expect(stopped).toMatchObject({ code: 6 });
  expect(stopped.stderr).toContain("the same command goes on with the run");
  expect(JSON.parse(stopped.stdout)).toMatchObject({ run_id: "r1", error: null, result: null });
  await project.write("open", "");
  const second = await project.run(...args);
  expect(second).toMatchObject({ code: 0 });
  expect(JSON.parse(second.stdout)).toMatchObject({ run_id: "r1", state: "FINISHED" });
  expect(await project.read("trace.txt")).toBe("before\nstep\n");
});
