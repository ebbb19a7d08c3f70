import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importModule } from "../../../src/project/import-module.ts";
import { isJob } from "../../../src/core/job/job.ts";
import { createWorkerFixture } from "../../support/workers/worker-fixture.ts";

test.each(["thread", "process"])(
  "a job in a %s of its own reads and publishes datasets with an engine of its own, and has its configuration",
  async (isolation) => {
    await using fixture = await createWorkerFixture();
    const root = await makeProjectFolder();
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(root, { recursive: true }));
    const file = join(root, "jobs", "numbers.ts");
    await mkdir(join(root, "jobs"));
    await writeFile(
      join(root, "millrace.config.ts"),
      `import { defineProject } from "millrace";
       export default defineProject({ config: { numbers: { upTo: 3 } } });`,
    );
    await writeFile(
      file,
      `import { defineJob, z } from "millrace";
       export default defineJob({
         name: "numbers", isolation: "${isolation}", config: z.object({ upTo: z.number() }),
         async execute(ctx) {
           const sql = \`select * from range(1, \${ctx.config.upTo + 1}) t(n)\`;
           const { rows } = await ctx.data.publish({ sql, output: { dataset: "numbers" } });
           const [sum] = await ctx.sql("select sum(n)::int as total from numbers", ["numbers"]);
           return { rows, total: sum.total };
         },
       });`,
    );
    const job = (await importModule(file, root))["default"];
    if (!isJob(job)) throw new Error("the file defines a job");
    const entry = new URL("../../../src/app/isolate.ts", import.meta.url);
    await fixture.startWorker([job], { entry, locate: () => ({ file, root }), windDownMs: 2_000 });
    const run = await fixture.waitFor(await fixture.submit(job));
    expect(run.error).toBeUndefined();
    expect(run).toMatchObject({ state: "FINISHED", result: { rows: 3, total: 6 } });
    expect(await fixture.store.findDataset("numbers")).toMatchObject({ version: 1, rowCount: 3 });
  },
);

// Inside the repository, where the test runner finds the package by its name.
async function makeProjectFolder(): Promise<string> {
  const parent = join(import.meta.dirname, "../../../.cache/isolated");
  await mkdir(parent, { recursive: true });
  return await mkdtemp(join(parent, "run-"));
}
