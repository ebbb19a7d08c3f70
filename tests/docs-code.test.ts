// The TypeScript that documents show compiles against the package as it is.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DocModule, listDocModules, listStandIns } from "./support/docs/doc-modules.ts";
import { readDocuments } from "./support/docs/read-documents.ts";

const run = promisify(execFile);
const repositoryRoot = resolve(import.meta.dirname, "..");
const modules = listDocModules(await readDocuments(repositoryRoot));
const planted: DocModule = {
  from: "docs/planted.md:1",
  path: "planted/line-1.ts",
  text: 'import { defineJob } from "millrace";\n\nexport default defineJob({ name: "planted", timeout: 5 });\n',
};

/** A whole compilation, on a machine that has other things to do. */
const compileMs = 180_000;

let folder = "";
let complaints: readonly string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-docs-"));
  await linkPackages();
  const files = [...modules, ...listStandIns(modules), planted];
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }\n');
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.ts"] }));
  complaints = await compile();
}, compileMs);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("every module that a document shows compiles", () => {
  expect(modules.length).toBeGreaterThan(8);
  expect(complaints.filter((line) => !line.startsWith(planted.from))).toEqual([]);
});

test("a planted module that does not compile is found", () => {
  expect(complaints.filter((line) => line.startsWith(planted.from)).length).toBeGreaterThan(0);
});

const compilerOptions = {
  target: "es2024",
  module: "nodenext",
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
  customConditions: ["millrace-source"],
};

async function linkPackages(): Promise<void> {
  const packages = join(folder, "node_modules");
  await mkdir(packages);
  await symlink(repositoryRoot, join(packages, "millrace"), "dir");
  for (const name of ["@types", "pg", "zod"]) {
    await symlink(join(repositoryRoot, "node_modules", name), join(packages, name), "dir");
  }
}

/** What the compiler says of the modules, with the place in the document instead of that of the file. The source has a test of its own. */
async function compile(): Promise<readonly string[]> {
  const tsc = join(repositoryRoot, "node_modules/.bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  const places = new Map([...modules, planted].map(({ path, from }) => [path, from]));
  return stdout.split("\n").flatMap((line) => {
    const [, path = "", complaint = ""] = /^([^(]+)\(\d+,\d+\): (error .*)$/.exec(line) ?? [];
    const place = places.get(path);
    return place === undefined ? [] : [`${place}: ${complaint}`];
  });
}
