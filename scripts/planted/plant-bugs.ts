// `npm run bugs`: plants one bug after the other in a copy of the repository and shows that a suite fails because of it.
// With `--one-in 4` it plants every fourth; which ones moves on with each commit, so that all have their turn.
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { finishPhases } from "../phase-runner.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { plantedBugs } from "./planted-bugs.ts";
import type { RepositoryCopy } from "../copies/repository-copy.ts";
import { copyRepositories } from "../copies/work-in-copies.ts";

/** Where a copy leaves which tests it has run. */
const reportName = "sound.json";

const startedAt = performance.now();
const bugs = chooseBugs();
let caught = 0;
{
  await using copies = await copyRepositories();
  await copies.each(soundSuites(), assertSound);
  await copies.each(bugs, async (copy, bug) => {
    const catcher = await copy.withFault(bug, () => findCatcher(copy, bug));
    if (catcher !== undefined) caught += 1;
    console.log(catcher === undefined ? `MISSED  ${bug.name}: ${bug.harm}` : `caught  ${bug.name}, by ${catcher}`);
  });
}

const total = bugs.length;
const durationMs = performance.now() - startedAt;
await finishPhases([{ name: "planted bugs", passed: caught, failed: total - caught, skipped: 0, durationMs }]);
console.log(`${caught} of ${total} planted bugs caught`);

/** All of them, or the part whose turn it is. */
function chooseBugs(): readonly PlantedBug[] {
  const { values } = parseArgs({ options: { "one-in": { type: "string", default: "1" } } });
  const parts = Number(values["one-in"]);
  if (!Number.isInteger(parts) || parts < 1) {
    throw new Error(`expected \`--one-in\` to be a whole number from 1, got: \`${values["one-in"]}\``);
  }
  const turn = countCommits() % parts;
  if (parts > 1) console.log(`part ${turn + 1} of ${parts} of ${plantedBugs.length} bugs; \`npm run bugs\` plants all`);
  return plantedBugs.filter((_, index) => index % parts === turn);
}

function countCommits(): number {
  const counted = spawnSync("git", ["rev-list", "--count", "HEAD"], { encoding: "utf8" });
  if (counted.status !== 0) throw new Error(`git does not count commits: ${counted.stderr}`);
  return Number(counted.stdout);
}

/** A suite that fails without a bug would catch everything. One more try tells a slow moment of the machine from a broken suite. */
async function assertSound(copy: RepositoryCopy, { command, files }: SoundSuites): Promise<void> {
  const first = await copy.run(command);
  if (first.code !== 0) {
    console.log(`\`${command.join(" ")}\` failed once without a planted bug:\n${first.output.slice(-8_000)}`);
    const second = await copy.run(command);
    if (second.code !== 0) throw new Error(`\`${command.join(" ")}\` fails without a planted bug`);
  }
  if (files.length === 0) return;
  // A name that fits no file fails by itself, and would catch everything, too.
  const report = await readFile(join(copy.folder, reportName), "utf8");
  const ran = (JSON.parse(report) as { testResults: { name: string }[] }).testResults.map(({ name }) => name);
  const empty = files.find((file) => !ran.some((name) => name.startsWith(join(copy.folder, file))));
  if (empty !== undefined) throw new Error(`no test is in ${empty}`);
}

interface SoundSuites {
  readonly command: readonly string[];
  /** Files or folders of tests, of which each must have run. */
  readonly files: readonly string[];
}

/** The suites of a project in one command: starting each by itself would take minutes. */
function soundSuites(): readonly SoundSuites[] {
  const suites = bugs.flatMap((bug) => bug.suites);
  const scripts = new Map(
    suites.filter(([program]) => program !== "vitest").map((command) => [command.join(" "), command]),
  );
  const tests = suites.filter(([program]) => program === "vitest");
  const byProject = Map.groupBy(tests, (suite) => suite[suite.indexOf("--project") + 1] ?? "");
  return [
    ...[...scripts.values()].map((command) => ({ command, files: [] })),
    ...[...byProject].map(([project, commands]) => {
      const files = [...new Set(commands.map((command) => command.at(-1) ?? ""))];
      const report = ["--reporter=default", "--reporter=json", `--outputFile.json=${reportName}`];
      return { command: ["vitest", "run", "--project", project, ...report, ...files], files };
    }),
  ];
}

/** The first suite that fails. */
async function findCatcher(copy: RepositoryCopy, { suites }: PlantedBug): Promise<string | undefined> {
  for (const command of suites) {
    const { code } = await copy.run(command);
    if (code !== 0) return command.find((word) => /tests\/|src\/|simulate/.test(word)) ?? command.join(" ");
  }
  return undefined;
}
