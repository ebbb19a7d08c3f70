import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { defineJob, type Job } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { assertSingleProducers } from "./assert-single-producers.ts";
import { Definitions } from "./definitions.ts";

const folder = useTemporaryFolder("assert-single-producers");

function job(name: string, outputs: readonly string[]): Job {
  return defineJob({ name, outputs, execute: () => undefined });
}

function define(...defined: (Job | JobPipeline<string>)[]): Definitions {
  const definitions = new Definitions();
  for (const definition of defined) definitions.add(definition, `jobs/${definition.name}.ts`);
  return definitions;
}

test("two jobs that publish one dataset are refused with the files of both, whatever pipelines they are in", async () => {
  await mkdir(join(folder(), "jobs"));
  await writeFile(join(folder(), "jobs/a.ts"), `defineJob({\n  name: "a",\n  outputs: ["x", "orders"],\n});\n`);
  const pipelines = [
    new JobPipeline("one").addJob(job("b", ["y"])),
    new JobPipeline("two").addJob(job("c", ["orders"])),
  ];
  await expect(assertSingleProducers(define(job("a", ["x", "orders"]), ...pipelines), folder())).rejects.toMatchObject({
    code: "DATASET_DUPLICATE",
    message: "jobs `a` in jobs/a.ts:3:18 and `c` in jobs/two.ts both publish dataset `orders`",
  });
});

test("one job may be in several pipelines", async () => {
  const load = job("load", ["orders"]);
  const definitions = define(load, new JobPipeline("one").addJob(load), new JobPipeline("two").addJob(load));
  await expect(assertSingleProducers(definitions, folder())).resolves.toBeUndefined();
});
