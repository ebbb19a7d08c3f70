// One module run for an outside scheduler, and two processes that run the same pipeline on one store.
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliProject } from "../support/cli-project.ts";

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
  "pipelines/steps.ts": `import { appendFileSync } from "node:fs";
import { defineJob, JobPipeline } from "millrace";
const job = (name) => defineJob({
  name,
  execute: async (ctx) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
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
    schema: "millrace.exec/1",
    run: "r1",
    state: "FINISHED",
    serviceProvider: "LOCAL",
    hasSpark: false,
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
  const both = await Promise.all([project.run("run", "steps", "--json"), project.run("run", "steps", "--json")]);
  for (const { code, stdout, stderr } of both) {
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ run: "r1", state: "FINISHED" });
  }
  const done = (await project.read("done.txt")).trimEnd().split("\n");
  expect(done.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `s${index}`).toSorted());
  expect(await project.run("verify")).toMatchObject({ code: 0 });
});
