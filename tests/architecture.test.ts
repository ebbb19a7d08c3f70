// The gate over the real source, and beside each rule a planted violation that proves it can fail.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import {
  findAdapterImports,
  findAmbientState,
  findBadNames,
  findCrowdedFolders,
  findEmptyInput,
  findForbiddenDirections,
  findImportCycles,
  findMisplacedModules,
  findMissingHeaders,
  findOversizedFiles,
  findRoomViolations,
  parseImports,
  readSourceFiles,
  type SourceFile,
} from "./support/gates/architecture.ts";
import { findComponentNames, findUnevenComponents } from "./support/gates/component-folders.ts";
import { findHeavyStarts } from "./support/gates/heavy-starts.ts";
import { findModuleMocks } from "./support/gates/shared-tests.ts";

const repositoryRoot = resolve(import.meta.dirname, "..");
const source = await readSourceFiles(repositoryRoot, ["src"]);
const everything = await readSourceFiles(repositoryRoot, ["src", "tests", "bench", "scripts", "examples"]);

function file(path: string, text = "// planted\n"): SourceFile {
  return { path, text };
}

test("the gate reads the source", () => {
  expect(findEmptyInput(source)).toEqual([]);
  const paths = source.map(({ path }) => path);
  expect(paths).toContain("src/core/errors/error-codes.ts");
  expect(paths).toContain("src/web/main.tsx");
});

test("a gate that reads no file fails", () => {
  expect(findEmptyInput([])).toEqual(["the gate read 0 files"]);
});

test("a folder that does not exist yields no file", async () => {
  expect(await readSourceFiles(repositoryRoot, ["no-such-folder"])).toEqual([]);
});

test("imports go in the allowed direction", () => {
  expect(findForbiddenDirections(source)).toEqual([]);
});

test("a planted import against the direction is found, also when only types are imported", () => {
  const planted = [
    file("src/core/job/job.ts", 'import type { Store } from "../../store/store.ts";'),
    file("src/orchestrator/worker/worker.ts", 'export * from "../../data/target.ts";'),
    file("src/store/store.ts", 'type Job = import("../app/app.ts").Job;'),
    file("src/api/runs.ts", 'const load = () => import("../store/store.ts");'),
    file("src/data/target.ts", 'import { run } from "../compute/engine.ts";'),
    file("src/cli/main.ts", 'import { run } from "../app/app.ts";'),
  ];
  expect(findForbiddenDirections(planted)).toEqual([
    "src/core/job/job.ts:1: `core` must not import `store`, got: `src/store/store.ts`",
    "src/orchestrator/worker/worker.ts:1: `orchestrator` must not import `data`, got: `src/data/target.ts`",
    "src/store/store.ts:1: `store` must not import `app`, got: `src/app/app.ts`",
    "src/api/runs.ts:1: `api` must not import `store`, got: `src/store/store.ts`",
  ]);
});

test("a planted file outside the known folders is found", () => {
  expect(findForbiddenDirections([file("src/lib/job.ts"), file("src/extra.ts")])).toEqual([
    "src/lib/job.ts: `src/lib` is not a known folder or root",
    "src/extra.ts: `src/extra.ts` is not a known folder or root",
  ]);
});

test("folders name ports, and only roots name adapters", () => {
  expect(findAdapterImports(source)).toEqual([]);
});

test("a planted import of an adapter is found, but not in a root, in the adapter or in a test", () => {
  const text = 'import { open } from "../compute/duckdb/engine.ts";';
  const planted = [
    file("src/data/sync.ts", text),
    file("src/data/sync.test.ts", text),
    file("src/cli/main.ts", text),
    file("src/compute/duckdb/session.ts", 'import { open } from "./engine.ts";'),
  ];
  expect(findAdapterImports(planted)).toEqual([
    "src/data/sync.ts:1: only roots may import the adapter `src/compute/duckdb`",
  ]);
});

test("imports make no cycle", () => {
  expect(findImportCycles(source)).toEqual([]);
});

test("a planted cycle of type imports is found once", () => {
  const planted = [
    file("src/core/a.ts", 'import type { B } from "./b.ts";'),
    file("src/core/b.ts", 'import type { C } from "./c.ts";'),
    file("src/core/c.ts", 'export type { A } from "./a.ts";'),
  ];
  expect(findImportCycles(planted)).toEqual(["src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts"]);
});

test("rooms of a folder import each other in one direction", () => {
  expect(findRoomViolations(source)).toEqual([]);
});

test("planted rooms that import each other, and one that is closed to another, are found", () => {
  const planted = [
    file("src/store/submit/a.ts", 'import type { B } from "../claim/b.ts";'),
    file("src/store/claim/b.ts", 'import "../rows/c.ts";'),
    file("src/store/rows/c.ts", 'import "../submit/d.ts";\nimport "../store.ts";'),
    file("src/store/store.ts", 'import "./rows/c.ts";'),
    file("src/orchestrator/attempt/e.ts", 'import type { F } from "../worker/f.ts";'),
  ];
  expect(findRoomViolations(planted)).toEqual([
    "src/orchestrator/attempt/e.ts:1: `src/orchestrator/attempt` must not import `src/orchestrator/worker`",
    "src/store/submit → src/store/claim → src/store/rows → src/store/submit",
  ]);
});

test("each source and target has the files of its siblings, and its line in the list", () => {
  expect(findUnevenComponents(source)).toEqual([]);
});

test("a planted source that lacks a file and a line, and a line without a source, are found", () => {
  const planted = [
    file("src/data/sources/sources.ts", 'export { gone } from "./gone/source.ts";'),
    file("src/data/sources/ftp/source.ts"),
    file("src/data/sources/ftp/options.ts"),
  ];
  expect(findUnevenComponents(planted)).toEqual([
    "src/data/sources/ftp/relation.ts: its siblings have this file",
    "src/data/sources/sources.ts: the list lacks a line: `ftp from ./ftp/source.ts`",
    "src/data/sources/sources.ts: no such component: `gone from ./gone/source.ts`",
  ]);
});

test("sources and targets are named in their folders and lists alone", () => {
  expect(findComponentNames(source)).toEqual([]);
});

test("planted names of a target, and an import out of its folder, are found", () => {
  const planted = [
    file("src/data/targets/targets.ts", 'export { tape } from "./tape/format.ts";'),
    file("src/data/targets/tape/format.ts", 'export const tape = { name: "tape" };'),
    file("src/data/sources/tape/format.ts", 'const name = "tape";'),
    file("src/data/publish/sort.ts", 'const last = format === "tape";\nconst { tape: t } = output;\noutput.tape;'),
    file("src/core/dataset/dataset.ts", "interface Targets { readonly tape: string }"),
    file("src/app/app.ts", 'import { wind } from "../data/targets/tape/reel.ts";\nwind("tape");'),
    file("src/data/publish/sort.test.ts", 'const tape = "tape";'),
  ];
  expect(findComponentNames(planted).toSorted()).toEqual([
    "src/app/app.ts:1: only `src/data/targets/targets.ts` may import `src/data/targets/tape`",
    "src/core/dataset/dataset.ts:1: `tape` is named outside of its folder",
    "src/data/publish/sort.ts:1: `tape` is named outside of its folder",
    "src/data/publish/sort.ts:2: `tape` is named outside of its folder",
    "src/data/publish/sort.ts:3: `tape` is named outside of its folder",
  ]);
});

test("folders hold no more files than a reader takes in at once", () => {
  expect(findCrowdedFolders(everything)).toEqual([]);
});

test("a planted crowded folder is found, and its tests and subfolders do not count", () => {
  const planted = Array.from({ length: 21 }, (_, index) => file(`src/core/a${index}.ts`));
  const more = [file("src/core/a.test.ts"), file("src/core/job/b.ts")];
  expect(findCrowdedFolders([...planted, ...more])).toEqual(["src/core/: at most 20 files, got: `21`"]);
  expect(findCrowdedFolders([...planted.slice(1), ...more])).toEqual([]);
});

test("vendor modules stay in their folder and core does no I/O", () => {
  expect(findMisplacedModules(source)).toEqual([]);
});

test("planted vendor and node modules in the wrong place are found", () => {
  const planted = [
    file("src/data/sync.ts", 'import { DuckDBInstance } from "@duckdb/node-api";'),
    file("src/orchestrator/worker/worker.ts", 'const sqlite = await import("node:sqlite");'),
    file("src/core/job/job.ts", 'import { join } from "node:path";'),
    file("src/store/sqlite/store.ts", 'import { DatabaseSync } from "node:sqlite";'),
    file("src/data/sync.test.ts", 'import { DatabaseSync } from "node:sqlite";'),
  ];
  expect(findMisplacedModules(planted)).toEqual([
    "src/data/sync.ts:1: `@duckdb/node-api` belongs in src/compute/duckdb/",
    "src/orchestrator/worker/worker.ts:1: `node:sqlite` belongs in src/store/sqlite/, src/data/targets/sqlite/, src/data/sources/sql/, src/stream/stores/",
    "src/core/job/job.ts:1: `core` does no I/O, got: `node:path`",
  ]);
});

test("the environment is read in one file, and core and orchestrator read no clock and no chance", () => {
  expect(findAmbientState(source)).toEqual([]);
});

test("planted clocks, timers, chance and environment reads are found", () => {
  const planted = [
    file("src/core/a.ts", "new Date();\nDate.now();\nsetTimeout(f, 1);\nnew Date(5);"),
    file("src/orchestrator/b.ts", "Math.random();\nprocess.env.HOME;"),
    file("src/data/c.ts", 'new Date();\nprocess["env"];'),
    file("src/config.ts", "process.env.HOME;"),
    file("src/core/a.test.ts", "Date.now();"),
  ];
  expect(findAmbientState(planted).toSorted()).toEqual([
    "src/core/a.ts:1: `new Date()` is not allowed here, take it as a parameter",
    "src/core/a.ts:2: `Date.now` is not allowed here, take it as a parameter",
    "src/core/a.ts:3: `setTimeout` is not allowed here, take it as a parameter",
    "src/data/c.ts:2: `process.env` is not allowed here, only `src/config.ts` reads it",
    "src/orchestrator/b.ts:1: `Math.random` is not allowed here, take it as a parameter",
    "src/orchestrator/b.ts:2: `process.env` is not allowed here, only `src/config.ts` reads it",
  ]);
});

test("tests that share a process mock no module", () => {
  expect(findModuleMocks(everything)).toEqual([]);
});

test("a planted mock is found where a process is shared, and only there", () => {
  const text = 'test("x", () => {});\nvi.mock("node:fs", () => ({}));\n';
  const planted = ["src/data/a.test.ts", "tests/integration/b.test.ts", "tests/conformance/c.test.ts"];
  const remedy = "a test that mocks a module needs a process of its own: move it to `tests/conformance`";
  expect(findModuleMocks(planted.map((path) => file(path, text)))).toEqual([
    `src/data/a.test.ts:2: ${remedy}`,
    `tests/integration/b.test.ts:2: ${remedy}`,
  ]);
});

test("files are named after what they export and folders are at most three deep", () => {
  expect(findBadNames(everything)).toEqual([]);
});

test("planted drawer names and deep folders are found", () => {
  const planted = [
    file("src/core/utils.ts"),
    file("src/common/job.ts"),
    file("src/a/b/c/d/e.ts"),
    file("src/a/b/c/d.ts"),
  ];
  expect(findBadNames(planted)).toEqual([
    "src/core/utils.ts: `utils` says nothing, name the file after what it exports",
    "src/common/job.ts: `common` says nothing, name the file after what it exports",
    "src/a/b/c/d/e.ts: at most 3 folders below `src/`, got: `4`",
  ]);
});

test("every source file says what it is for", () => {
  expect(findMissingHeaders(source.filter(({ path }) => !path.endsWith(".test.ts")))).toEqual([]);
});

test("a planted file without a header is found", () => {
  const planted = [
    file("src/core/a.ts", "export {};"),
    file("src/cli/main.ts", "#!/usr/bin/env node\n// The command.\n"),
  ];
  expect(findMissingHeaders(planted)).toEqual([
    "src/core/a.ts: the file must open with a comment that says what it is for",
  ]);
});

test("files are small, and the usual file is very small", () => {
  expect(findOversizedFiles(everything)).toEqual([]);
});

test("planted long files are found, one by one and as a habit", () => {
  const lines = (count: number): string => "//\n".repeat(count);
  expect(findOversizedFiles([file("src/core/a.ts", lines(401)), file("src/core/a.test.ts", lines(500))])).toEqual([
    "src/core/a.ts: at most 400 lines, got: `401`",
    "median file: at most 90 lines, got: `401`",
    "95th percentile file: at most 220 lines, got: `401`",
  ]);
  expect(findOversizedFiles([file("src/core/a.ts", lines(111)), file("tests/a.test.ts", lines(501))])).toEqual([
    "tests/a.test.ts: at most 500 lines, got: `501`",
    "median file: at most 90 lines, got: `111`",
  ]);
});

test("what starts often loads little", () => {
  expect(findHeavyStarts(source)).toEqual([]);
});

test("planted imports that make a start heavy are found, and imports of types and on demand are not", () => {
  const start = { entry: "src/cli/program.ts", maxModules: 2, packages: ["commander"] };
  const files = [
    file("src/cli/program.ts", 'import "commander"; import "./load.ts"; const load = () => import("../app/app.ts");'),
    file("src/cli/load.ts", 'import type { App } from "../app/app.ts";'),
    file("src/app/app.ts", 'import "zod"; import "./parts.ts"; export {} from "node:fs";'),
    file("src/app/parts.ts"),
  ];
  expect(findHeavyStarts(files, [start])).toEqual([]);
  const planted = files.map((one) =>
    one.path === "src/cli/load.ts" ? file(one.path, 'import "../app/app.ts";') : one,
  );
  expect(findHeavyStarts(planted, [start])).toEqual([
    "src/cli/program.ts: loads at most 2 modules, got: `4`, most of them through src/cli/load.ts → src/app/app.ts",
    "src/cli/program.ts: loads `zod` through src/cli/load.ts → src/app/app.ts",
  ]);
  expect(findHeavyStarts([], [start])).toEqual(["src/cli/program.ts is not there"]);
});

test("imports are read from syntax, not from text that looks like an import", () => {
  const text = ['// import "./a.ts"', 'const text = `import "./b.ts"`;', 'import "./c.ts";'].join("\n");
  expect(parseImports(file("src/core/job/job.ts", text))).toEqual([
    { specifier: "./c.ts", line: 3, loaded: "at once" },
  ]);
});
