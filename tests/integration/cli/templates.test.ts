// New projects of templates: they run at once, in every environment that they have. That of Pulse, which serves itself, is in e2e.
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { templateNames } from "../../../src/cli/templates/project-template.ts";
import { createCommandLine, silentTerminal } from "../../support/cli/command-line.ts";

let folder: string;
beforeEach(async () => {
  const repository = join(import.meta.dirname, "../../..");
  const parent = join(repository, ".cache/templates");
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, "run-"));
  // As if it were installed: the test runner looks for packages of its own accord.
  await mkdir(join(folder, "node_modules"));
  await symlink(repository, join(folder, "node_modules/millrace"), "dir");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(templateNames.filter((name) => name !== "pulse"))(
  "a project of the template %s runs at once",
  async (template) => {
    const made = await createCommandLine(folder).run("init", ".", "--template", template);
    expect(made.exitCode).toBe(0);
    const [, pipeline = ""] = /npx millrace run (\w+)/.exec(made.stderr) ?? [];
    const line = createCommandLine(folder);
    const { exitCode, stderr } = await line.run("run", pipeline);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect((await line.run("run", pipeline, "--json")).stdout).toContain('"state":"FINISHED"');
  },
);

test("the medallion has its layers, its schedule, its alerts, and production apart", async () => {
  await createCommandLine(folder).run("init", ".", "--template", "medallion");
  const line = createCommandLine(folder);
  await line.run("run", "daily");
  const counted = await line.run("show", "r6", "--json");
  expect(JSON.parse(counted.stdout)).toMatchObject({ result: { bronze: 6, silver: 4, gold: 4 } });
  const quarantined = await line.run("quarantine", "list", "--json");
  expect(quarantined.stdout).toContain("known currency");
  const { definitions } = await createCommandContext(folder, { terminal: silentTerminal }).loadProject();
  expect(definitions.pipelines.get("daily")?.schedule).toBeDefined();
  expect((await createCommandLine(folder, { env: "prod" }).run("runs")).stdout).not.toContain("daily");
  await rm(join(folder, "data/customers.csv"));
  expect((await line.run("run", "daily")).exitCode).toBe(1);
  const told = await line.run("notifications", "list", "--json");
  expect(JSON.parse(told.stdout)).toMatchObject({
    items: [
      { channel: "data_platform", event: "failed", job_name: "ingest_customer_data", state: "given_up" },
      { channel: "analytics", event: "quality", job_name: "process_transactions", state: "waiting" },
    ],
  });
});
