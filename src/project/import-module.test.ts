// In a process of its own: the test runner would load the modules in its own way instead of Node's.
import { execFile } from "node:child_process";
import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";

const folder = useTemporaryFolder("import module");
let messages: Readonly<Record<string, string>>;

const files = {
  "typescript.ts": "export default {\n  slots: 4\n  lake: 'x',\n};",
  "javascript.mjs": "export default {\n  slots: 4\n  lake: 'x',\n};",
  "data.json": '{\n  "slots": 4\n  "lake": 1\n}',
  "throws.ts": "const a: number = 1;\nthrow new Error(`no ${a}`);",
  "text.ts": "throw 'words';",
  "silent.ts": "export default {};\nthrow new Error('');",
  "100%.ts": "export default {};\nthrow new Error('percent');",
  "enum.ts": "\nenum A { B }",
  "imports.ts": 'import "./gone.ts";',
  "outer.ts": 'import "./deep/inner.ts";',
  "deep/inner.ts": "export const a = 1;\n\nthrow new Error('inner');",
  "wrong-job.ts": 'import { defineJob } from "millrace";\nexport default defineJob({ name: "A", execute() {} });',
  "wrong-option.ts":
    'import { integrationJob } from "millrace";\nexport default integrationJob({\n  name: "a",\n  source: { file: { path: "a.csv", csv: {\n    delimeter: ";",\n  } } },\n  output: { dataset: "a" },\n});',
  "good.ts": 'import { defineJob } from "millrace";\nexport default defineJob({ name: "a", execute() {} });',
};

const reloadScript = `
  import { writeFileSync } from "node:fs";
  import { forgetModules, importModule } from ${JSON.stringify(new URL("./import-module.ts", import.meta.url).href)};
  const [root] = process.argv.slice(1);
  const file = root + "/reloaded.ts";
  const write = (value) => {
    writeFileSync(root + "/inner.ts", "export const value: number = " + value);
    writeFileSync(file, 'import { value } from "./inner.ts";\\nif (value > 2) throw new Error("too much");\\nexport default { value };');
  };
  const seen = [];
  const look = async () => seen.push(await importModule(file, root).then((module) => module.default.value, (error) => error.message));
  write(1);
  await look();
  write(2);
  await look();
  forgetModules(root);
  await look();
  write(3);
  forgetModules(root);
  await look();
  console.log(JSON.stringify(seen));
`;

const script = `
  import { importModule } from ${JSON.stringify(new URL("./import-module.ts", import.meta.url).href)};
  const [root, ...files] = process.argv.slice(1);
  const messages = {};
  for (const file of files) {
    const error = await importModule(root + "/" + file, root).then(() => undefined, (error) => error);
    messages[file] = error === undefined ? "loaded" : [error.code, error.message, ...(error.hint ? [error.hint] : [])].join(" | ");
  }
  console.log(JSON.stringify(messages));
`;

beforeAll(async () => {
  const root = await realpath(folder());
  for (const [name, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), source);
  }
  messages = (await runScript(script, root, ...Object.keys(files))) as Record<string, string>;
});

async function runScript(text: string, ...args: readonly string[]): Promise<unknown> {
  const flags = ["--conditions=millrace-source", "--disable-warning=ExperimentalWarning", "--input-type=module"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "--eval", text, ...args]);
  return JSON.parse(stdout);
}

test("modules that are forgotten are read anew with what they import, and errors still name their place", async () => {
  const root = await realpath(folder());
  expect(await runScript(reloadScript, root)).toEqual([1, 1, 2, "reloaded.ts:2:22: too much"]);
});

test.each([
  ["typescript.ts", "MODULE_UNREADABLE | typescript.ts:3:3: Expected ',', got 'ident'"],
  ["javascript.mjs", "MODULE_UNREADABLE | javascript.mjs:3:3: Unexpected identifier 'lake'"],
  ["data.json", "MODULE_UNREADABLE | data.json:3:3: Expected ',' or '}' after property value in JSON"],
  ["throws.ts", "MODULE_UNREADABLE | throws.ts:2:7: no 1"],
  ["text.ts", "MODULE_UNREADABLE | text.ts: the module threw `words`"],
  ["silent.ts", "MODULE_UNREADABLE | silent.ts:2:7: cannot be loaded"],
  ["100%.ts", "MODULE_UNREADABLE | 100%.ts:2:7: percent"],
  ["outer.ts", "MODULE_UNREADABLE | deep/inner.ts:3:7: inner"],
  ["good.ts", "loaded"],
])("%s: what is wrong is said with its place", (name, message) => {
  expect(messages[name]).toBe(message);
});

test("syntax that Node cannot strip is explained", () => {
  expect(messages["enum.ts"]).toMatch(/^MODULE_UNREADABLE \| enum\.ts:2:1: .* \| .*replace enums/);
});

test("a module that is not there is named together with what imports it", () => {
  expect(messages["imports.ts"]).toMatch(/\| imports\.ts: Cannot find module .*gone\.ts' .*need their extension/);
});

test("an error of Millrace keeps its code and gains the place, of the option where it says which", () => {
  expect(messages["wrong-job.ts"]).toMatch(
    /^JOB_INVALID \| wrong-job\.ts:2:28: expected `name` of job `A` to be a name/,
  );
  const wrongOption = "JOB_INVALID | wrong-option.ts:5:5: unknown option `delimeter` of `source.file.csv` of job `a`";
  expect(messages["wrong-option.ts"]).toContain(wrongOption);
});
