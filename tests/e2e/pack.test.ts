// The package as a stranger gets it: packed, linted, installed from its tarball into an empty folder, and used.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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
const maxTarballBytes = 2_000_000;

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
    expect.arrayContaining(["dist/index.js", "dist/index.d.ts", "dist/cli/main.js", "dist/config.schema.json"]),
  );
  const documents = new Set(["package.json", "README.md", "CHANGELOG.md", "LICENSE"]);
  expect(paths.filter((path) => !path.startsWith("dist/") && !documents.has(path))).toEqual([]);
  expect(paths.filter((path) => path.includes(".test."))).toEqual([]);
  expect(packed.size).toBeLessThan(maxTarballBytes);
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
