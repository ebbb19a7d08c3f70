// The package as a stranger gets it: packed, linted, installed from its tarball into an empty folder, and used.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";

interface PackedPackage {
  readonly filename: string;
  readonly version: string;
  /** Bytes of the tarball. */
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

const run = promisify(execFile);
const repositoryRoot = resolve(import.meta.dirname, "..", "..");
const tools = join(repositoryRoot, "node_modules", ".bin");
/** The web UI is in it three times: as it is, and as browsers take it compressed. */
const maxTarballBytes = 3_600_000;

let folder = "";
let consumer = "";
let packed: PackedPackage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-pack-"));
  const { stdout } = await runTool(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", folder],
    repositoryRoot,
  );
  packed = readPackResult(stdout);
  consumer = join(folder, "consumer");
  await mkdir(consumer);
  await writeFile(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }\n');
  const flags = ["--prefer-offline", "--no-audit", "--no-fund"];
  await runTool("npm", ["install", ...flags, join(folder, packed.filename)], consumer);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("the tarball holds the compiled package and its documents, and nothing else", () => {
  const paths = packed.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(["package.json", "README.md", "CHANGELOG.md", "LICENSE"]));
  expect(paths).toEqual(
    expect.arrayContaining([
      "dist/index.js",
      "dist/index.d.ts",
      "dist/cli/main.js",
      "dist/config.schema.json",
      "dist/job.schema.json",
    ]),
  );
  const documents =
    /^(?:docs\/.*\.md|docs\/screens\/[\w-]+\.png|examples\/.*|bench\/(?:README|RESULTS)\.md|[A-Z]+\.md|LICENSE|package\.json)$/;
  expect(paths.filter((path) => !path.startsWith("dist/") && !documents.test(path))).toEqual([]);
  expect(paths.filter((path) => /\/(?:lake|out|\.millrace)\//.test(path))).toEqual([]);
  expect(paths.filter((path) => path.includes(".test."))).toEqual([]);
  expect(packed.size).toBeLessThan(maxTarballBytes);
});

test("what the README links to is in the tarball", async () => {
  const links = await findBrokenLinks("README.md", packed.files);
  expect(links).toEqual([]);
  expect(await findBrokenLinks("README.md", [])).toContain("CHANGELOG.md");
});

test("publint finds nothing to say about the package", async () => {
  const { messages, pkg } = await publint({ pkgDir: repositoryRoot, pack: "npm", strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("`npx millrace --help` works in the folder that installed it", async () => {
  const { stdout } = await runTool("npx", ["--no-install", "millrace", "--help"], consumer);
  expect(stdout).toMatch(/^Usage: millrace /);
});

test("`npx millrace --version` is the version of the package", async () => {
  const { stdout } = await runTool("npx", ["--no-install", "millrace", "--version"], consumer);
  expect(stdout.trim()).toBe(packed.version);
});

test('`import "millrace"` gives the public functions', async () => {
  const script =
    'import { defineJob, MillraceError } from "millrace"; console.log(typeof defineJob, MillraceError.name);';
  const { stdout } = await runTool("node", ["--input-type=module", "--eval", script], consumer);
  expect(stdout.trim()).toBe("function MillraceError");
});

test("the client and the tests of jobs work from the package, with its types", async () => {
  const program = [
    'import { sqlJob } from "millrace";',
    'import { createClient, type RunDetail } from "millrace/client";',
    'import { testJob } from "millrace/testing";',
    'const job = sqlJob({ name: "twice", inputs: ["one"], sql: "select 2 * n as n from one", output: { dataset: "two" } });',
    "const run = await testJob(job, { inputs: { one: [{ n: 21 }] } });",
    'const { call, url } = createClient({ url: "http://127.0.0.1:1" });',
    'const detail: Promise<RunDetail> = call("showRun", { params: { run_id: "r1" } });',
    "const refusal: unknown = await detail.catch((error: { code: string }) => error.code);",
    'console.log(run.output["two"]?.[0]?.["n"], url, refusal);',
  ].join("\n");
  await writeFile(join(consumer, "program.ts"), `${program}\n`);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2024"];
  expect((await runTool("tsc", [...options, "program.ts"], consumer)).stdout).toBe("");
  const { stdout } = await runTool("node", ["program.ts"], consumer);
  expect(stdout.trim()).toBe("42n http://127.0.0.1:1 SERVER_UNREACHABLE");
});

test("the types resolve for a strict consumer, and are real", async () => {
  const program = [
    'import { defineJob, integrationJob, MillraceError } from "millrace";',
    'const job = defineJob({ name: "hello", execute: async () => ({ rows: 1 }) });',
    'export const name: "hello" = job.name;',
    'export const error: Error = new MillraceError("INTERNAL", name);',
    "// @ts-expect-error the code is not in the table",
    'export const unknown: Error = new MillraceError("NO_SUCH_CODE", name);',
    'const source = { file: { path: "a.csv", csv: { delimiter: ";" } } } as const;',
    'integrationJob({ name: "a", source, output: { dataset: "a", parquet: { path: "a.parquet" } } });',
    "// @ts-expect-error no format of files is read so",
    'integrationJob({ name: "b", source: { file: { path: "a", cvs: {} } }, output: { dataset: "a" } });',
    "// @ts-expect-error no table has this format",
    'integrationJob({ name: "c", source, output: { dataset: "a", parqet: { path: "a.parquet" } } });',
  ].join("\n");
  await writeFile(join(consumer, "consumer.ts"), `${program}\n`);
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2024"];
  const { stdout } = await runTool("tsc", [...options, "consumer.ts"], consumer);
  expect(stdout).toBe("");
});

/** Relative links of a document that lead to no packed file, nor to a folder with some. */
async function findBrokenLinks(document: string, files: PackedPackage["files"]): Promise<readonly string[]> {
  const text = await readFile(join(repositoryRoot, document), "utf8");
  const targets = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].flatMap(([, target]) => target ?? []);
  const local = targets.filter((target) => !target.includes(":"));
  return local.filter((target) => !files.some(({ path }) => path === target || path.startsWith(`${target}/`)));
}

/** Runs a program with this repository's Node and compiler first in its path; rejects with its output when it fails. */
async function runTool(program: string, parameters: readonly string[], cwd: string): Promise<{ stdout: string }> {
  const path = `${tools}${delimiter}${process.env["PATH"] ?? ""}`;
  try {
    return await run(program, parameters, { cwd, env: { ...process.env, PATH: path }, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${parameters.join(" ")} failed\n${stdout}${stderr}`, { cause: error });
  }
}

/** npm 10 prints a list, npm 11 a list or an object by package name. */
function readPackResult(json: string): PackedPackage {
  const [result] = Object.values(JSON.parse(json) as Record<string, PackedPackage>);
  if (result === undefined) throw new Error(`npm pack printed no package: ${json}`);
  return result;
}
