// Promotions are loaded as schedulers of a warehouse do it: the module by its dotted name, the configuration as JSON.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSteps } from "../chaos/examples/kill-example.ts";
import { assertOk, type CliResult, ExampleProject } from "../support/cli/example-project.ts";

const factory = "dwh.jobs.load_promos.load_promos_job_factory";

async function execute(project: ExampleProject, configuration: unknown): Promise<CliResult> {
  return await project.run("exec", "--module_name", factory, "--load_promos_job", JSON.stringify(configuration));
}

test("the invocation of a scheduler loads three places, and a second one changes nothing", async () => {
  await using project = await ExampleProject.create("load-promos");
  for (const step of await readSteps("load-promos")) assertOk(await project.run(...step.split(" ")));
  const report = await readFile(join(project.path, "out/report.txt"), "utf8");
  expect(report).toBe(await readFile(join(import.meta.dirname, "../../examples/load-promos/expected.txt"), "utf8"));
});

test("a configuration that is wrong starts nothing, and its key is named", async () => {
  await using project = await ExampleProject.create("load-promos");
  const { code, stdout } = await execute(project, {
    extractor_config: { strategy: "PARQUET", source_table: "out/deliveries" },
    redshift_loader_config: { strategy: "POSTGRES", jdbc_url: "jdbc:postgresql://db/x", properties: { usr: "me" } },
  });
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ run_id: null, state: "NOT_STARTED", error: { code: "PARAMS_INVALID" } });
  expect(stdout).toContain("`load_promos_job.redshift_loader_config.properties.usr`: unknown option `usr`");
});
