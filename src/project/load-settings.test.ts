import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { toOptionsSchema } from "../core/spec/to-json-schema.ts";
import { projectSpec } from "./project-options.ts";
import { loadSettings, type ProjectSettings } from "./load-settings.ts";

const folder = useTemporaryFolder("load-settings");
let files = 0;

test("without a file the defaults hold", async () => {
  expect((await loadSettings({ configFile: undefined, root: folder() })).settings).toEqual({
    name: undefined,
    production: false,
    store: ".millrace/store.db",
    database: { schema: "millrace", poolSize: 10 },
    lake: "lake",
    lakeCache: "10GB",
    jobs: ["jobs", "pipelines", "pipeline.ts"],
    modules: { roots: [] },
    slots: 4,
    tenant: "default",
    config: {},
    connections: {},
    freshness: {},
    channels: {},
    notifications: [],
    server: {},
    streams: { places: 8 },
    compute: { memoryLimit: "1GB", engine: "duckdb" },
    capabilities: {},
    limits: { pools: {}, connections: {}, tenants: {} },
    retentionMs: 90 * 86_400_000,
    notify: undefined,
  });
});

test("what a file says wins over the defaults", async () => {
  const settings = await load(
    "export default { slots: 8, compute: { threads: 2 }, config: { a: { b: 1 } }, notify() {} };",
  );
  expect(settings).toMatchObject({ slots: 8, lake: "lake", config: { a: { b: 1 } } });
  expect(settings.compute).toEqual({ threads: 2, memoryLimit: "1GB", engine: "duckdb" });
  expect(settings.notify).toBeTypeOf("function");
});

test.each([
  [
    "export default {\n  slots: 0,\n};",
    ":2:3: expected `slots` of the configuration to be an integer from 1 to 1000, got: `0`",
  ],
  ["export default {\n  slots: 1.5,\n};", ":2:3: expected `slots` of the configuration"],
  [
    "export default {\n  limits: { pools: { gpu: 0 } },\n};",
    ":2:22: expected `gpu` of `limits.pools` of the configuration to be a positive integer, got: `0`",
  ],
  [
    "export default {\n  limits: { pool: { gpu: 1 } },\n};",
    ":2:13: unknown option `pool` of `limits` of the configuration, did you mean `pools`?",
  ],
  ["export default {\n  retention: 'long',\n};", ":2:3: expected `retention`"],
  ["export default {\n  store: '',\n};", ":2:3: expected `store`"],
  ["export default {\n  name: '',\n};", ":2:3: expected `name`"],
  [
    "export default {\n  database: { schema: 'public' },\n};",
    ":2:15: expected `schema` of `database` of the configuration to be small letters",
  ],
  ["export default {\n  database: { poolSize: 0 },\n};", ":2:15: expected `poolSize` of `database`"],
  ["export default {\n  compute: { threads: 0 },\n};", ":2:14: expected `threads` of `compute`"],
  [
    "export default {\n  compute: { memoryLimit: 'much' },\n};",
    ":2:14: expected `memoryLimit` of `compute` of the configuration to be a size such as `2GB`, got: `much`",
  ],
  [
    "export default {\n  compute: { engine: 'spark' },\n};",
    ":2:3: expected `connect` of `compute` of the configuration to be the address of Spark, which `engine` asks for",
  ],
  ["export default {\n  notify: 'me',\n};", ":2:3: expected `notify` of the configuration to be a function"],
  ["export default {\n  jobs: [1],\n};", ":2:3: expected `jobs[0]`"],
  ["export default {\n  jobs: [],\n};", ":2:3: expected `jobs`"],
  [
    "export default {\n  tenants: 'a',\n};",
    ":2:3: unknown option `tenants` of the configuration, did you mean `tenant`?",
  ],
  [
    "export default {\n  compute: { thread: 1 },\n};",
    ":2:14: unknown option `thread` of `compute` of the configuration, did you mean `threads`?",
  ],
  ["export default 5;", ": expected the configuration to be an object, got: "],
  ["export const slots = 5;", ": expected the configuration to be an object, got: "],
])("%j is refused at its place", async (source, message) => {
  const error = await expectFailure(load(source));
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.message).toMatch(/^config-\d+\.mjs:/);
  expect(error.message).toContain(`.mjs${message}`);
});

test("a configuration may name the schema that editors read, which knows every option but functions", async () => {
  expect(await load("export default { $schema: './config.schema.json' };")).not.toHaveProperty("$schema");
  const schema = toOptionsSchema(projectSpec.schema);
  expect(Object.keys(schema["properties"] as object)).toEqual(
    Object.keys(projectSpec.shape).filter((option) => option !== "notify"),
  );
});

test("module roots must exist", async () => {
  const error = await expectFailure(load("export default {\n  modules: { roots: ['dwh'] },\n};"));
  expect(error.message).toMatch(/:2:14: `modules.roots` names what is not there, got: `dwh`$/);
});

test("job folders that are written down must exist", async () => {
  const error = await expectFailure(load("export default {\n  jobs: ['.', 'jbos'],\n};"));
  expect(error.message).toMatch(/^config-\d+\.mjs:2:3: `jobs` names what is not there, got: `jbos`$/);
});

async function load(source: string): Promise<ProjectSettings> {
  files += 1;
  const file = join(folder(), `config-${files}.mjs`);
  await writeFile(file, source);
  return (await loadSettings({ configFile: file, root: folder() })).settings;
}
