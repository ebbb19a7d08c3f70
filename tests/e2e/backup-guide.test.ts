// The guide to copies does what it says: its commands, with the built command line, on a project that goes on after the copy.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";
import { parseTutorial, type TutorialStep } from "../support/docs/tutorial.ts";
import { walkTutorial } from "../support/docs/walk-tutorial.ts";

const guide = join(import.meta.dirname, "../../docs/guides/backup.md");

test("what is restored by the commands of the guide is what was copied by them", async () => {
  const [toCopy = "", toRestore = ""] = (await readFile(guide, "utf8")).split("\n## Restore\n");
  await using backup = await CliProject.create({});
  await using project = await CliProject.create({});
  const stepsOf = (text: string): TutorialStep[] =>
    parseTutorial(text.replaceAll("/backup/", `${backup.path}/`)).filter(({ kind }) => kind === "commands");
  await project.run("init");
  await project.run("run", "sales");
  const before = await versionsOf(project);

  await using _copied = await walkTutorial(project, stepsOf(toCopy));
  await project.write("data/orders.csv", `${await project.read("data/orders.csv")}7,linus,2026-01-08,1.00\n`);
  expect((await project.run("run", "sales")).stdout).toContain("published orders version 2: 7 rows");

  await using restored = await walkTutorial(project, stepsOf(toRestore));
  expect(await versionsOf(project)).toEqual(before);
  expect(restored.printed.some(({ stdout }) => stdout.startsWith("ok: the invariants of the store hold"))).toBe(true);
});

async function versionsOf(project: CliProject): Promise<unknown> {
  const { stdout } = await project.run("datasets", "--json");
  return (JSON.parse(stdout) as { datasets: unknown[] }).datasets;
}
