// The faults that `npm run gates` plants: for each gate one change that it must refuse, and the words it must say.

import { randomBytes } from "node:crypto";
import type { PlantedFailure } from "./planted-failure.ts";
import { lintFailures } from "./lint-failures.ts";

const header = "// Planted.\n";
const architecture = ["vitest", "run", "--project", "architecture"];
const planted = "src/core/planted.ts";

/** All of them; the folder is the repository with its `dist/` built. */
export const plantedFailures: readonly PlantedFailure[] = [
  {
    name: "a file that is not formatted",
    write: { [planted]: `${header}export const  planted : number=1\n` },
    command: ["oxfmt", "--check"],
    expected: /src\/core\/planted\.ts/,
  },
  ...lintFailures,
  {
    name: "a type error",
    write: { [planted]: `${header}export const planted: number = "text";\n` },
    command: ["tsc", "-p", "."],
    expected: /src\/core\/planted\.ts\(2,14\): error TS2322/,
  },
  {
    name: "a bad duration that the compiler lets through",
    write: { "src/core/duration.ts": (text) => text.replace("| `${number}${Unit}`", "| string") },
    command: ["tsc", "-p", "."],
    expected: /tests\/misuses\/define-a-job\.ts.*Unused '@ts-expect-error' directive/,
  },
  {
    name: "params whose type is lost between two jobs",
    write: { "src/core/job/job-reference.ts": (text) => text.replace("? Params : never;", "? unknown : never;") },
    command: ["tsc", "-p", "."],
    expected: /tests\/misuses\/run-a-job\.ts.*Unused '@ts-expect-error' directive/,
  },
  {
    name: "an export without an explicit type",
    write: { [planted]: `${header}export const planted = Math.max(1, 2);\n` },
    command: ["tsc", "-p", "tsconfig.build.json", "--noEmit"],
    expected: /src\/core\/planted\.ts\(2,14\): error TS9010/,
  },
  {
    name: "syntax that Node cannot strip (an enum)",
    write: { [planted]: `${header}export enum Planted { A }\n` },
    command: ["tsc", "-p", "."],
    expected: /src\/core\/planted\.ts\(2,13\): error TS1294/,
  },
  {
    name: "an error code that is not in the table",
    write: {
      [planted]: `${header}import { MillraceError } from "./errors/errors.ts";\nthrow new MillraceError("NO_SUCH_CODE", "planted");\n`,
    },
    command: ["tsc", "-p", "."],
    expected: /NO_SUCH_CODE.*is not assignable/,
  },
  {
    name: "an error code that is not documented",
    write: {
      "src/core/errors/error-codes.ts": (text) => text.replace("= {", '= {\n  PLANTED_CODE: ["fail", "millrace"],'),
    },
    command: [...architecture, "tests/error-codes.test.ts"],
    expected: /`PLANTED_CODE` is not documented in docs\/reference\/errors\.md/,
  },
  {
    name: "an error code that is documented but not declared",
    write: {
      "docs/reference/errors.md": (text) => `${text}\n| \`PLANTED_CODE\` | millrace | fail | planted | nothing |\n`,
    },
    command: [...architecture, "tests/error-codes.test.ts"],
    expected: /`PLANTED_CODE` is documented but not declared/,
  },
  {
    name: "an import against the direction",
    write: { [planted]: `${header}import type { Store } from "../store/store.ts";\nexport type Planted = Store;\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/core\/planted\.ts:2: `core` must not import `store`/,
  },
  {
    name: "an import cycle, found by the architecture test",
    write: {
      [planted]: `${header}import type { B } from "./planted-other.ts";\nexport type A = B | 1;\n`,
      "src/core/planted-other.ts": `${header}import type { A } from "./planted.ts";\nexport type B = A | 2;\n`,
    },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/core\/planted-other\.ts → src\/core\/planted\.ts/,
  },
  {
    name: "a command line that loads the whole package for its help",
    write: { "src/cli/program.ts": (text) => text.replace("import ", 'import "../app/app.ts";\nimport ') },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/cli\/program\.ts: loads at most \d+ modules, got: `\d+`, most of them through src\/app\/app\.ts/,
  },
  {
    name: "a file of more than 400 lines",
    write: { [planted]: `${header}${"export {};\n".repeat(400)}` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/core\/planted\.ts: at most 400 lines, got: `401`/,
  },
  {
    name: "a folder of more than 20 files",
    write: Object.fromEntries(
      Array.from({ length: 21 }, (_, index) => [`src/core/errors/planted-${index}.ts`, `${header}export {};\n`]),
    ),
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/core\/errors\/: at most 20 files/,
  },
  {
    name: "rooms of a folder that import each other",
    write: {
      "src/store/rows/planted.ts": `${header}import "../claim/claim.ts";\n`,
    },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/store\/rows → .*src\/store\/rows/,
  },
  {
    name: "a format of tables that is named outside of its folder",
    write: { "src/data/publish/planted.ts": `${header}export const planted: string = "sqlite";\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/data\/publish\/planted\.ts:2: `sqlite` is named outside of its folder/,
  },
  {
    name: "a format of tables without a line in the list",
    write: { "src/data/targets/targets.ts": (text) => text.replace(/^export .* from "\.\/parquet.*\n/m, "") },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/data\/targets\/targets\.ts: the list lacks a line: `parquet from/,
  },
  {
    name: "an attempt that knows its worker",
    write: { "src/orchestrator/attempt/planted.ts": `${header}import "../worker/worker.ts";\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /`src\/orchestrator\/attempt` must not import `src\/orchestrator\/worker`/,
  },
  {
    name: "a mocked module among tests that share a process",
    write: { "src/core/planted.test.ts": `import { vi } from "vitest";\nvi.mock("node:fs");\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/core\/planted\.test\.ts:2: a test that mocks a module needs a process of its own/,
  },
  {
    name: "a folder that nobody knows",
    write: { "src/shared/planted.ts": `${header}export {};\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /`src\/shared` is not a known folder or root/,
  },
  {
    name: "a hidden clock in the orchestrator",
    write: { "src/orchestrator/planted.ts": `${header}export const now: Date = new Date();\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/orchestrator\/planted\.ts:2: `new Date\(\)` is not allowed here/,
  },
  {
    name: "a vendor module outside its folder",
    write: { "src/data/planted.ts": `${header}export type * from "@duckdb/node-api";\n` },
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /src\/data\/planted\.ts:2: `@duckdb\/node-api` belongs in src\/compute\/duckdb\//,
  },
  {
    name: "a type of a public signature that nobody can import",
    write: { "dist/index.d.ts": (text) => text.replace(/^export type \{ RunId \}.*$/m, "") },
    command: ["vitest", "run", "--project", "e2e", "tests/e2e/public-types.test.ts"],
    expected: /RunInfo` uses `core\/run-id\.d\.ts#RunId`, which the entry does not export/,
  },
  {
    name: "a link to a document that is not there",
    write: { "docs/start/concepts.md": (text) => `${text}\n[planted](planted.md)\n` },
    command: [...architecture, "tests/docs.test.ts"],
    expected: /docs\/start\/concepts\.md: no file for `planted\.md`/,
  },
  {
    name: "a page that is not in the index of the documents",
    write: { "docs/guides/planted.md": () => "# Planted\n" },
    command: [...architecture, "tests/docs.test.ts"],
    expected: /docs\/guides\/planted\.md/,
  },
  {
    name: "TypeScript in a document that does not compile",
    write: {
      "docs/start/concepts.md": (text) =>
        `${text}\n\`\`\`ts\nimport { planted } from "millrace";\n\nexport default planted;\n\`\`\`\n`,
    },
    command: [...architecture, "tests/docs-code.test.ts"],
    expected: /docs\/start\/concepts\.md:\d+: error TS2305/,
  },
  {
    name: "a step of a walk whose function has another name",
    write: { "docs/internals/walks.md": (text) => text.replace("[`publishDataset`]", "[`publishPlanted`]") },
    command: [...architecture, "tests/internals-docs.test.ts"],
    expected: /no `publishPlanted` in src\/data\/publish\/publish\.ts/,
  },
  {
    name: "a room that the page of the architecture does not name",
    write: { "src/store/planted/planted.ts": `${header}export {};\n` },
    command: [...architecture, "tests/internals-docs.test.ts"],
    expected: /names every room of the folders that have some/,
  },
  {
    name: "a feature of integration jobs that no test shows",
    write: { "docs/internals/features.md": (text) => `${text}| planted |  |\n` },
    command: [...architecture, "tests/feature-docs.test.ts"],
    expected: /nothing shows `planted`/,
  },
  {
    name: "a case of bad input that nobody sees",
    write: {
      "docs/internals/bad-input.md": (text) => `${text}| planted | x | failed | \`SOURCE_EMPTY\` | retry |  |  |\n`,
    },
    command: [...architecture, "tests/bad-input-docs.test.ts"],
    expected: /nothing shows `planted`[^]*`planted`: no `seen`/,
  },
  {
    name: "a promise whose proof is not there",
    write: { "docs/reference/guarantees.md": (text) => `${text}\n| P99 | planted | \`tests/e2e/planted.test.ts\` |\n` },
    command: [...architecture, "tests/docs.test.ts"],
    expected: /P99: tests\/e2e\/planted\.test\.ts/,
  },
  {
    name: "an option that is documented but does not exist",
    write: {
      "docs/reference/configuration.md": (text) =>
        text.replace("| `slots` |", "| `planted` | none | nothing |\n| `slots` |"),
    },
    command: [...architecture, "tests/option-docs.test.ts"],
    expected: /every table of options is as the source says/,
  },
  {
    name: "a schema of job files that was edited by hand",
    write: { "docs/reference/job.schema.json": (text) => text.replace("Jobs of", "Planted") },
    command: [...architecture, "tests/job-schema.test.ts"],
    expected: /the schema of job files is as the specs say/,
  },
  {
    name: "a style that no element has",
    write: { "src/web/styles/planted.css": ".planted-class {\n  color: red;\n}\n" },
    command: [...architecture, "tests/style-classes.test.ts"],
    expected: /no component has the class `planted-class`/,
  },
  {
    name: "a page of figures that was edited by hand",
    write: { "bench/RESULTS.md": (text) => text.replace("| yes |", "| no |") },
    command: [...architecture, "tests/bench-results.test.ts"],
    expected: /RESULTS\.md is the page that the kept results give/,
  },
  {
    name: "a lock file without the packages of another platform",
    write: {
      "package-lock.json": (text) => text.replace('"node_modules/@duckdb/node-bindings-win32-x64"', '"planted"'),
    },
    command: [...architecture, "tests/package-lock.test.ts"],
    expected: /@duckdb\/node-bindings-win32-x64/,
  },
  {
    name: "a lock file of the peers without the packages of another platform",
    write: {
      "bench/peers/package-lock.json": (text) =>
        text.replace('"node_modules/@msgpackr-extract/msgpackr-extract-darwin-arm64"', '"planted"'),
    },
    command: [...architecture, "tests/package-lock.test.ts"],
    expected: /@msgpackr-extract\/msgpackr-extract-darwin-arm64/,
  },
  {
    name: "an architecture test that reads no file",
    remove: ["src"],
    command: [...architecture, "tests/architecture.test.ts"],
    expected: /the gate read 0 files/,
  },
  {
    name: "an export that nothing uses",
    write: { "src/core/errors/errors.ts": (text) => `${text}\nexport const plantedExport: number = 1;\n` },
    command: ["knip"],
    expected: /plantedExport\s+src\/core\/errors\/errors\.ts/,
  },
  {
    name: "a unit test that fails",
    write: { "src/core/planted.test.ts": test("expect(1).toBe(2);") },
    command: ["vitest", "run", "--project", "unit", "src/core/planted.test.ts"],
    expected: /expected 1 to be 2/,
  },
  {
    name: "a test that leaks a timer",
    write: { "src/core/planted.test.ts": test("setTimeout(() => {}, 60_000);") },
    command: ["vitest", "run", "--project", "unit", "src/core/planted.test.ts"],
    expected: /the test left resources open: a timer set at .*planted\.test\.ts/,
  },
  {
    name: "a test that leaks a server",
    write: { "src/core/planted.test.ts": test('(await import("node:net")).createServer().listen(0);') },
    command: ["vitest", "run", "--project", "unit", "src/core/planted.test.ts"],
    expected: /the test left resources open: 1 more `TCPServerWrap`/,
  },
  {
    name: "a test that leaks a worker thread",
    write: {
      "src/core/planted.test.ts": test(
        'new (await import("node:worker_threads")).Worker("setInterval(() => {}, 1000)", { eval: true });',
      ),
    },
    command: ["vitest", "run", "--project", "unit", "src/core/planted.test.ts"],
    expected: /the test left resources open: 1 more `Worker`/,
  },
  {
    name: "a suite without a test",
    remove: ["tests/golden"],
    command: ["node", "scripts/phases.ts", "test", "golden"],
    expected: /golden\s+FAILED.*(?:the suite ran no test|the suite wrote no report)/,
  },
  {
    name: "a suite whose tests are all skipped",
    remove: ["tests/golden"],
    write: { "tests/golden/planted.test.ts": test("").replace("test(", "test.skip(") },
    command: ["node", "scripts/phases.ts", "test", "golden"],
    expected: /golden\s+FAILED.*the suite ran no test/,
  },
  {
    name: "a test that fails when it is run again alone, too",
    remove: ["tests/golden"],
    write: { "tests/golden/planted.test.ts": test("expect(1).toBe(2);") },
    command: ["node", "scripts/phases.ts", "test", "golden"],
    expected: /golden: what failed once more, alone: tests\/golden\/planted\.test\.ts[^]*golden\s+FAILED\s+0\s+1/,
  },
  {
    name: "a package whose export is not there",
    write: { "package.json": (text) => text.replace("./dist/index.js", "./dist/planted.js") },
    command: ["publint", "--strict"],
    expected: /dist\/planted\.js.*does not exist/,
  },
  {
    name: "a type error in the web UI",
    write: { "src/web/planted.ts": `${header}export const planted: number = "text";\n` },
    command: ["tsc", "-p", "tsconfig.web.json"],
    expected: /src\/web\/planted\.ts\(2,14\): error TS2322/,
  },
  {
    name: "a route that anybody may call",
    write: { "src/api/routes.ts": (text) => text.replace('get("/tokens", "admin"', 'get("/tokens", "public"') },
    command: [
      "vitest",
      "run",
      "--project",
      "integration",
      "-t",
      "the route table",
      "tests/integration/server/routes.test.ts",
    ],
    expected: /FAIL.*the route table/,
  },
  {
    name: "a first page that is too large to load",
    write: {
      // No compression makes it small.
      "src/web/planted.ts": `${header}export const planted = "${randomBytes(120_000).toString("base64")}";\n`,
      "src/web/main.tsx": (text) =>
        `${text}import { planted } from "./planted.ts";\ndocument.documentElement.dataset["planted"] = planted;\n`,
    },
    command: ["node", "scripts/build-web.ts"],
    expected: /what every page loads: at most 130000 bytes gz, got: `\d{6}`/,
  },
  {
    name: "a button without a name",
    write: {
      "src/web/components/frame/page-header.tsx": (text) =>
        text.replace("<h1>{title}</h1>", '<h1>{title}</h1>\n        <button type="button" />'),
    },
    command: [
      "sh",
      "-c",
      "node scripts/build-web.ts && vitest run --project e2e tests/e2e/web-accessibility.test.ts -t empty",
    ],
    expected: /home: button-name \(critical\)/,
  },
];

function test(body: string): string {
  return `${header}import { expect, test } from "vitest";\ntest("planted", async () => {\n  expect(1).toBe(1);\n  ${body}\n});\n`;
}
