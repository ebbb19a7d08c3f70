// Rows that broke a check are there for people to look at, without what is secret by its name.
import { rm } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";

let project: string;
let commandLine: CommandLine;

async function given(options: string): Promise<void> {
  const lines = Array.from({ length: 30 }, (_, index) => `${index},,canary-${index}`);
  project = await writeInsideProject({
    "raw/people.csv": `id,name,api_key\n${lines.join("\n")}\n`,
    "jobs/people.ts": `import { integrationJob } from "millrace";
      export default integrationJob({
        name: "people",
        source: { file: { path: "raw/people.csv" } },
        checks: [{ notNull: ["name"] }, { unique: ["id"] }],
        output: { dataset: "people" },
        ${options}
      });`,
  });
  commandLine = createCommandLine(project);
}

beforeEach(() => given(""));
afterEach(() => rm(project, { recursive: true }));

test("`show --rows` has 20 rows of each check that kept a dataset from being published", async () => {
  expect((await commandLine.run("run", "people")).exitCode).toBe(1);
  const shown = await commandLine.run("show", "last", "--rows", "--json");
  const { failed_rows: failed } = JSON.parse(shown.stdout) as { readonly failed_rows: readonly object[] };
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({ dataset: "people", check: "not_null(name)" });
  const { items } = failed[0] as { readonly items: readonly object[] };
  expect(items).toHaveLength(20);
  expect(items[0]).toMatchObject({ name: null, api_key: "[masked]" });
  const table = await commandLine.run("show", "last", "--rows");
  expect(table.stdout).toMatch(/rows of people that fail not_null\(name\)\nid +name +api_key\n0 +NULL +\[masked\]/);
  expect(shown.stdout + table.stdout).not.toContain("canary");
});

test("rows of what is for authentication are shown to nobody", async () => {
  await rm(project, { recursive: true });
  await given('purpose: "authentication",');
  expect((await commandLine.run("run", "people")).exitCode).toBe(1);
  const refused = await commandLine.run("show", "last", "--rows");
  expect(refused.exitCode).not.toBe(0);
  expect(refused.stderr).toContain("FORBIDDEN");
});
