// A new project of Pulse with the built command line: it collects from its own servers, and its figures are the true ones.
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject, type CliResult } from "../support/cli/cli-project.ts";

const repository = join(import.meta.dirname, "../..");
const organisationFile = "organisation/organisation.ts";
let project: CliProject;
let made: CliResult;

beforeAll(async () => {
  project = await CliProject.create({});
  made = await project.run("init", "--template", "pulse");
});

afterAll(() => project[Symbol.asyncDispose]());

test("a new project of Pulse says what to do next, and its types fit", async () => {
  expect(made).toMatchObject({ code: 0 });
  expect(made.stderr.trimEnd().split("\n").slice(-2)).toEqual(["  npx millrace run pulse", "  npx millrace dev"]);
  await using typed = await CliProject.create({});
  await typed.run("init", "--template", "pulse");
  await typed.link("@types/node");
  await symlink(repository, join(typed.path, "node_modules/millrace"), "dir");
  const { scripts } = JSON.parse(await typed.read("package.json")) as { scripts: { types: string } };
  const checked = await typed.shell(scripts.types.replace("tsc", `'${join(repository, "node_modules/.bin/tsc")}'`));
  expect(checked).toMatchObject({ code: 0, stdout: "" });
});

test("without tokens it collects from its own servers, and the figures are the true ones", async () => {
  // What holds for hundreds of pull requests holds for twenty.
  const small = "repositories: 5, pullRequests: 20, deployments: 15, projects: 1, issues: 40, sprints: 4";
  const text = await project.read(organisationFile);
  expect(text).toContain("sprints: 14");
  await project.write(organisationFile, text.replace(/repositories: [\s\S]*sprints: \d+/, small));
  const ran = await project.run("run", "pulse");
  expect(ran).toMatchObject({ code: 0 });
  const report = await project.read("out/report.txt");
  const compared = [...report.matchAll(/ (\d+) of (\d+) are as they were made/g)];
  expect(compared).toHaveLength(3);
  for (const [, right = "0", all] of compared) expect([right, Number(right) > 0]).toEqual([all, true]);
});

test("with tokens, names that nobody has filled in are told of", async () => {
  const { code, stderr } = await project.shell(
    `GITHUB_TOKEN=a JIRA_TOKEN=b '${process.execPath}' '${join(repository, "dist/cli/main.js")}' jobs`,
  );
  expect(code).not.toBe(0);
  expect(stderr).toMatch(
    /MODULE_UNREADABLE: accounts\.ts:\d+:\d+: .* put your own names into `accounts\.ts`, or unset the tokens/,
  );
});
