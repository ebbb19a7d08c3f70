// The generic entry as schedulers call it: a dotted module outside of the job folders, its configuration, and one line of JSON.
import { expect, test } from "vitest";
import { createSmallProject } from "../../support/cli/small-project.ts";

const files = {
  "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ modules: { roots: ["dwh"] }, compute: { threads: 1, memoryLimit: "256MB" } });
`,
  "dwh/jobs/load_promos/load-promos-job-factory.ts": `import { defineJob, z } from "millrace";
export default defineJob({
  name: "load_promos_job",
  params: z.object({ load_promos_job: z.object({ extractor_config: z.object({ strategy: z.string() }) }), start_date: z.string(), end_date: z.string() }),
  execute: ({ params, run }) => ({ strategy: params.load_promos_job.extractor_config.strategy, from: params.start_date, by: run.createdBy }),
});
`,
};

const exec = (padding = ""): string[] => [
  "exec",
  "--",
  "--module_name=dwh.jobs.load_promos.load_promos_job_factory",
  "--load_promos_job",
  JSON.stringify({ extractor_config: { strategy: "PARQUET" }, padding }),
  "--start_date=2024-01-01",
  "--end_date=2024-01-02",
  "--created_by=airflow",
];

test("a module of a root runs by its dotted name, and is in no list", async () => {
  await using project = await createSmallProject(files);
  const { exitCode, stdout, stderr } = await project.run(...exec());
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining("warning") });
  expect(JSON.parse(stdout)).toMatchObject({
    job_name: "load_promos_job",
    state: "FINISHED",
    result: { strategy: "PARQUET", from: "2024-01-01", by: "airflow" },
    error: null,
  });
  expect((await project.run("jobs", "--names")).stdout).not.toContain("load_promos_job");
});

test("arguments that platforms would cut are warned of, and a module elsewhere is refused with the roots", async () => {
  await using project = await createSmallProject({ ...files, "secret/job.ts": "export default 1;\n" });
  const long = await project.run(...exec("x".repeat(10_000)));
  expect(long).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/warning: the arguments have 10\d{3} bytes/),
  });
  expect(long.stderr).toContain("`--config_uri` and `--config_sha256`");
  const outside = await project.run("exec", "--", "--module_name", "secret.job");
  expect(outside.exitCode).toBe(2);
  expect(JSON.parse(outside.stdout)).toMatchObject({ run_id: null, error: { code: "MODULE_OUTSIDE_PROJECT" } });
  expect(outside.stderr).toContain("expected a module inside `jobs`, `pipelines`, `pipeline.ts`, `dwh`");
});
