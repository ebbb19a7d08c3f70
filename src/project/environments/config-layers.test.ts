import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../../tests/support/temporary-folder.ts";
import { env, secretFile } from "../../core/connection/secret.ts";
import { mergeGiven } from "./config-layers.ts";
import { loadSettings, type ProjectSettings } from "../load-settings.ts";

const folder = useTemporaryFolder("config-layers");
let count = 0;

async function load(base: string, over: string, extension = "mjs"): Promise<ProjectSettings> {
  count += 1;
  const root = folder();
  const configFile = join(root, `base-${count}.mjs`);
  const file = join(root, `over-${count}.${extension}`);
  await writeFile(configFile, base);
  await writeFile(file, over);
  return (await loadSettings({ root, configFile, environment: { name: "prod", file } })).settings;
}

test("objects are united at any depth, lists and values replaced, and null takes away", () => {
  const base = { a: { b: 1, c: 2, list: [1, 2] }, d: "x", e: { f: 1 } };
  const over = { a: { c: 3, list: [9] }, d: null, e: { f: null, g: 2 }, h: { i: null, j: 1 }, k: undefined };
  expect(mergeGiven(base, over)).toEqual({ a: { b: 1, c: 3, list: [9] }, e: { g: 2 }, h: { j: 1 } });
  expect(base.a.list).toEqual([1, 2]);
});

test("what code makes and references to secrets are values as they are", () => {
  const since = new Date(0);
  const notify = (): void => undefined;
  expect(mergeGiven({ since: { year: 1 }, notify, key: env("A") }, { since, key: secretFile("b") })).toEqual({
    since,
    notify,
    key: { file: "b" },
  });
});

test("a name that objects have anyway is a name as any other", () => {
  const over: unknown = JSON.parse('{ "__proto__": { "polluted": 1 } }');
  const merged = mergeGiven({}, over) as object;
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  expect(Object.hasOwn(merged, "__proto__")).toBe(true);
});

test("an environment wins over the configuration, and has what is its own where neither says it", async () => {
  const settings = await load(
    "export default { slots: 2, compute: { threads: 2, memoryLimit: '2GB' }, lake: 'tables' };",
    "export default { compute: { threads: 8 } };",
  );
  expect(settings).toMatchObject({
    slots: 2,
    compute: { threads: 8, memoryLimit: "2GB" },
    lake: "tables",
    store: ".millrace/prod/store.db",
    database: { schema: "millrace_prod", poolSize: 10 },
    production: true,
  });
});

test("an environment may be JSON or YAML, and may say that it is no production", async () => {
  const json = await load("export default { slots: 2 };", '{ "slots": 3, "production": false }', "json");
  expect(json).toMatchObject({ slots: 3, production: false });
  const yaml = await load("export default { slots: 2 };", "slots: 4\nconnections:\n  crm: null\n", "yaml");
  expect(yaml).toMatchObject({ slots: 4, connections: {} });
  expect(await load("export default { slots: 2 };", "# nothing differs\n", "yaml")).toMatchObject({ slots: 2 });
});

test.each([
  [
    "a value of the environment",
    "export default { slots: 2 };",
    "export default {\n  slots: 0,\n};",
    /^over-\d+\.mjs:2:3/,
  ],
  [
    "a value of the configuration",
    "export default {\n  slots: 0,\n};",
    "export default { lake: 'x' };",
    /^base-\d+\.mjs:2:3/,
  ],
  [
    "a value that both have the object of",
    "export default {\n  compute: { threads: 0 },\n};",
    "export default { compute: { memoryLimit: '1GB' } };",
    /^base-\d+\.mjs:2:14/,
  ],
  [
    "a misspelt name",
    "export default { slots: 2 };",
    "export default {\n  slot: 3,\n};",
    /^over-\d+\.mjs:2:3: unknown option/,
  ],
  ["no object", "export default { slots: 2 };", "export default 5;", /^over-\d+\.mjs: expected the configuration/],
])("%s that is wrong is told with its file and place", async (_what, base, over, place) => {
  const error = await expectFailure(load(base, over));
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.message).toMatch(place);
});

test("YAML is told with its place, too, and only one document is taken", async () => {
  const error = await expectFailure(load("export default {};", "lake: x\ncompute:\n  threads: 0\n", "yaml"));
  expect(error.message).toMatch(/^over-\d+\.yaml:3:3: expected `threads`/);
  const second = await expectFailure(load("export default {};", "slots: 1\n---\nslots: 2\n", "yaml"));
  expect(second.message).toMatch(/^over-\d+\.yaml:3:1: expected one document/);
});
