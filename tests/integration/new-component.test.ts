// A source and a target that nobody has heard of: `npm run new` makes them in a copy of the repository, where they are type-checked,
// tried by their tests and used by a job. So one folder and one line in a list are all that a new one touches.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createComponent } from "../../scripts/new/create-component.ts";
import { copyRepository, type RepositoryCopy } from "../../scripts/copies/repository-copy.ts";
import { findForbiddenDirections, readSourceFiles } from "../support/gates/architecture.ts";
import { findComponentNames, findUnevenComponents } from "../support/gates/component-folders.ts";

let copy: RepositoryCopy;
let before: ReadonlyMap<string, string>;

beforeAll(async () => {
  copy = await copyRepository();
  before = await readFiles();
  await make("source", "toylines");
  await make("target", "toytable");
});
afterAll(() => copy[Symbol.asyncDispose]());

test("a new source or target is one folder and one line; the table of its options is written by itself", async () => {
  const after = await readFiles();
  const changed = [...after].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
  const added = changed.filter((path) => !before.has(path));
  expect(new Set(added.map(dirname))).toEqual(new Set(["src/data/sources/toylines", "src/data/targets/toytable"]));
  const edited = changed.filter((path) => before.has(path));
  const lists = ["src/data/sources/sources.ts", "src/data/targets/targets.ts"];
  const documents = edited.filter((path) => path.startsWith("docs/"));
  expect(edited.filter((path) => !documents.includes(path)).toSorted()).toEqual(lists);
  const linesOf = (path: string): string[] => newLines(before.get(path) ?? "", after.get(path) ?? "");
  expect(lists.map(linesOf)).toEqual([
    ['export { toylines } from "./toylines/source.ts";'],
    ['export { toytable } from "./toytable/format.ts";'],
  ]);
  expect(documents.flatMap(linesOf).join("\n")).toMatch(
    /\| `toylines` \|[^]*### `source\.toylines`[^]*\| `toytable` \|[^]*### `output\.toytable`/,
  );
});

test("the gates, the compiler and the linter have nothing to say about them, and their tests pass", async () => {
  await writeJobs();
  const source = await readSourceFiles(copy.folder, ["src"]);
  expect([findUnevenComponents(source), findComponentNames(source), findForbiddenDirections(source)]).toEqual([
    [],
    [],
    [],
  ]);
  const folders = ["src/data/sources/toylines", "src/data/targets/toytable"];
  const [tests] = await Promise.all([
    // of the contract of targets, what says that rows come back as they were and once
    run("vitest", "run", "--project=unit", "--project=conformance", "-t", "once|every common|file|option", ...folders),
    run("tsc", "-p", "toy/tsconfig.json"),
    run("oxlint", "--deny-warnings", ...folders),
    run("oxfmt", "--check", ...folders),
  ]);
  expect(tests).toMatch(/Test Files {2}2 passed/);
});

test("a job reads with the new source and publishes to the new target, and another job reads that", async () => {
  await writeJobs();
  const millrace = "node --conditions=millrace-source --disable-warning=ExperimentalWarning ../src/cli/main.ts";
  const output = await run("sh", "-c", `cd toy && ${millrace} run toy`);
  expect(await readdir(join(copy.folder, "toy", "out"))).toEqual(["counted.toytable", "lines.toytable"]);
  expect(output).toMatch(/lines +FINISHED .* 2\n[^]*counted +FINISHED .* 1\n/);
});

test.each([
  [
    "exporter",
    "airflow",
    "there is no contract of exporters yet: pipelines are exported to nothing. What can be made is",
  ],
  ["sauce", "toy", "expected `source` or `target`, got: `sauce`"],
  ["target", "mode", "there is such an option already: `mode`"],
  ["source", "class", "expected a name of small letters and digits that is free in TypeScript, got: `class`"],
])("a new %s `%s` is refused", async (kind, name, message) => {
  await expect(createComponent(kind, name)).rejects.toThrow(message);
});

const lines = `import { integrationJob } from "millrace";

export default integrationJob({
  name: "lines",
  source: { toylines: { path: "lines.txt" } },
  output: { dataset: "lines", toytable: { path: "out/lines.toytable" } },
});
`;
const counted = `import { sqlJob } from "millrace";

export default sqlJob({
  name: "counted",
  inputs: ["lines"],
  sql: "select count(*) as n, max(line) as last from lines",
  output: { dataset: "counted", toytable: { path: "out/counted.toytable" } },
  checks: [{ sql: "select * from rows where n <> 2 or last <> 'two'" }],
});
`;
const pipeline = `import { JobPipeline } from "millrace";
import counted from "./jobs/counted.ts";
import lines from "./jobs/lines.ts";

export default new JobPipeline("toy").addJob(lines).addJob(counted);
`;

const misuses = `import { integrationJob } from "millrace";

// @ts-expect-error the source has no such option
integrationJob({ name: "a", source: { toylines: { path: "a", pth: "a" } }, output: { dataset: "a" } });
// @ts-expect-error the target has no such option
integrationJob({ name: "b", source: { toylines: { path: "a" } }, output: { dataset: "a", toytable: { pth: "a" } } });
`;

async function writeJobs(): Promise<void> {
  await write("toy/jobs/lines.ts", lines);
  await write("toy/jobs/counted.ts", counted);
  await write("toy/pipeline.ts", pipeline);
  await write("toy/misuses.ts", misuses);
  await write("toy/lines.txt", "one\ntwo\n");
  await write("toy/tsconfig.json", JSON.stringify({ extends: "../tsconfig.json", include: ["."], exclude: [] }));
}

async function make(kind: string, name: string): Promise<void> {
  await run("npm", "run", "--silent", "new", "--", kind, name);
}

/** What a command in the copy prints. @throws Error with that when the command fails */
async function run(...command: readonly string[]): Promise<string> {
  const { code, output } = await copy.run(command);
  if (code !== 0) throw new Error(`\`${command.join(" ")}\` failed:\n${output}`);
  return output;
}

async function write(path: string, text: string): Promise<void> {
  const file = join(copy.folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** What a component could touch, by path. */
async function readFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const folder of ["src", "docs", "tests", "bench", "scripts"]) {
    const entries = await readdir(join(copy.folder, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((found) => found.isFile())) {
      const path = join(entry.parentPath, entry.name);
      files.set(path.slice(copy.folder.length + 1), await readFile(path, "utf8"));
    }
  }
  return files;
}

function newLines(before: string, after: string): string[] {
  const known = new Set(before.split("\n"));
  return after.split("\n").filter((line) => !known.has(line));
}
