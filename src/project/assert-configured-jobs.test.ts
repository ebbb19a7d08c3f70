import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { defineJob } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { assertConfiguredJobs } from "./assert-configured-jobs.ts";
import { Definitions } from "./definitions.ts";

const folder = useTemporaryFolder("assert-configured-jobs");
const load = defineJob({ name: "load", execute: () => undefined });

async function check(config: Readonly<Record<string, unknown>>, name: string, text: string): Promise<void> {
  const definitions = new Definitions();
  definitions.add(new JobPipeline("daily").addJob(load), "pipeline.ts");
  const file = join(folder(), name);
  await writeFile(file, text);
  const layers = [{ file, given: { config } }];
  await assertConfiguredJobs(definitions, { root: folder(), layers, settings: { config } });
}

test.each([
  ["millrace.config.ts", "export default {\n  config: { load: {}, lod: {} },\n};\n", "2:23"],
  ["millrace.config.json", '{\n  "config": {\n    "lod": {}\n  }\n}\n', "3:5"],
])("config of a job that is not there is refused with its place in %s", async (name, text, place) => {
  await expect(check({ load: {}, lod: {} }, name, text)).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: `${name}:${place}: unknown job \`lod\` in \`config\` of the configuration, did you mean \`load\`?`,
  });
});

test("a pipeline has no config of its own", async () => {
  await expect(
    check({ daily: {} }, "millrace.config.ts", "export default { config: { daily: {} } };\n"),
  ).rejects.toMatchObject({
    hint: "a pipeline has no config; its jobs have",
  });
});

test("jobs of the project and built-in ones may be configured", async () => {
  await expect(check({ load: {}, sleep_job: {} }, "millrace.config.ts", "")).resolves.toBeUndefined();
});
