import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { dataset } from "../core/dataset/dataset-handle.ts";
import { defineJob, type Job, type JobDefinition } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { assertReferences } from "./assert-references.ts";
import { Definitions } from "./definitions.ts";

const folder = useTemporaryFolder("assert-references");
const limits = { pools: { heavy: 2 }, connections: {}, tenants: {} };

function job(name: string, more: Partial<JobDefinition<string>> = {}): Job {
  return defineJob({ name, execute: () => undefined, ...more });
}

async function check(...defined: (Job | JobPipeline<string>)[]): Promise<void> {
  const definitions = new Definitions();
  for (const definition of defined) definitions.add(definition, `jobs/${definition.name}.ts`);
  await assertReferences(definitions, { root: folder(), settings: { limits, channels: {} } });
}

const orders = job("orders", { outputs: ["orders"] });

test("a project whose jobs name what is there loads", async () => {
  const rates = dataset("rates", { external: true });
  const report = job("report", { inputs: ["orders", rates], pool: "heavy", spawns: [orders, "sleep_job"] });
  // One handle says for all that the dataset comes from elsewhere.
  const copy = job("copy", { inputs: ["rates"], schedule: { every: "1h", dependencies: ["daily", "orders"] } });
  await check(orders, report, copy, new JobPipeline("daily").addJob(orders));
});

test.each<[string, Partial<JobDefinition<string>>, string]>([
  ["dataset", { inputs: ["ordres"] }, "job `a` in jobs/a.ts reads unknown dataset `ordres`, did you mean `orders`?"],
  ["handle", { inputs: [dataset("other")] }, "job `a` in jobs/a.ts reads unknown dataset `other`"],
  ["pool", { pool: "heavvy" }, "job `a` in jobs/a.ts uses unknown pool `heavvy`, did you mean `heavy`?"],
  ["job to start", { spawns: ["order"] }, "job `a` in jobs/a.ts starts unknown job `order`, did you mean `orders`?"],
  [
    "dependency of a schedule",
    { schedule: { every: "1h", dependencies: ["order"] } },
    "the schedule of job `a` in jobs/a.ts waits for unknown job or pipeline `order`, did you mean `orders`?",
  ],
])("an unknown %s is refused by name", async (_what, more, message) => {
  await expect(check(orders, job("a", more))).rejects.toMatchObject({ code: "JOB_INVALID", message });
});

test("the schedule of a pipeline is looked at as well", async () => {
  const pipeline = new JobPipeline("daily", { schedule: { every: "1h", dependencies: ["gone"] } }).addJob(orders);
  await expect(check(pipeline)).rejects.toThrow(
    "the schedule of pipeline `daily` in jobs/daily.ts waits for unknown job or pipeline `gone`",
  );
});

test("a refusal names line and column of what is misspelt in the file", async () => {
  await mkdir(join(folder(), "jobs"), { recursive: true });
  const text = `export default defineJob({\n  name: "placed",\n  checks: [{ name: "spawns" }],\n  spawns: ["orders", "order"],\n});\n`;
  await writeFile(join(folder(), "jobs/placed.ts"), text);
  await expect(check(orders, job("placed", { spawns: ["orders", "order"] }))).rejects.toThrow(
    "job `placed` in jobs/placed.ts:4:22 starts unknown job `order`, did you mean `orders`?",
  );
});
