import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { loadSettings, type ProjectSettings } from "./load-settings.ts";

const folder = useTemporaryFolder("load-settings");
let files = 0;

test("without a file the defaults hold", async () => {
  expect(await loadSettings(undefined, folder())).toEqual({
    name: undefined,
    store: ".millrace/store.db",
    database: { schema: "millrace", poolSize: 10 },
    lake: "lake",
    jobs: ["jobs", "pipelines", "pipeline.ts"],
    slots: 4,
    tenant: "default",
    config: {},
    compute: { memoryLimit: "1GB" },
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
  expect(settings.compute).toEqual({ threads: 2, memoryLimit: "1GB" });
  expect(settings.notify).toBeTypeOf("function");
});

test.each([
  ["export default {\n  slots: 0,\n};", ":2:3: `slots`: "],
  ["export default {\n  slots: 1.5,\n};", ":2:3: `slots`: "],
  ["export default {\n  limits: { pools: { gpu: 0 } },\n};", ":2:22: `limits.pools.gpu`: expected a positive integer"],
  [
    "export default {\n  limits: { pool: { gpu: 1 } },\n};",
    ":2:13: unknown option `limits.pool`, did you mean `pools`?",
  ],
  ["export default {\n  retention: 'long',\n};", ":2:3: `retention`: "],
  ["export default {\n  store: '',\n};", ":2:3: `store`: "],
  ["export default {\n  name: '',\n};", ":2:3: `name`: "],
  ["export default {\n  database: { schema: 'public' },\n};", ":2:15: `database.schema`: expected small letters"],
  ["export default {\n  database: { poolSize: 0 },\n};", ":2:15: `database.poolSize`: "],
  ["export default {\n  compute: { threads: 0 },\n};", ":2:14: `compute.threads`: "],
  [
    "export default {\n  compute: { memoryLimit: 'much' },\n};",
    ':2:14: `compute.memoryLimit`: expected a size like "2GB"',
  ],
  ["export default {\n  notify: 'me',\n};", ":2:3: `notify`: expected a function"],
  ["export default {\n  jobs: [1],\n};", ":2:3: `jobs.0`: "],
  ["export default {\n  jobs: [],\n};", ":2:3: `jobs`: "],
  ["export default {\n  tenants: 'a',\n};", ":2:3: unknown option `tenants`, did you mean `tenant`?"],
  [
    "export default {\n  compute: { thread: 1 },\n};",
    ":2:14: unknown option `compute.thread`, did you mean `threads`?",
  ],
  ["export default 5;", ": default export: "],
  ["export const slots = 5;", ": default export: "],
])("%j is refused at its place", async (source, message) => {
  const error = await expectFailure(load(source));
  expect(error.code).toBe("CONFIG_INVALID");
  expect(error.message).toMatch(/^config-\d+\.mjs:/);
  expect(error.message).toContain(`.mjs${message}`);
});

test("job folders that are written down must exist", async () => {
  const error = await expectFailure(load("export default {\n  jobs: ['.', 'jbos'],\n};"));
  expect(error.message).toMatch(/^config-\d+\.mjs:2:3: `jobs` names what is not there, got: `jbos`$/);
});

async function load(source: string): Promise<ProjectSettings> {
  files += 1;
  const file = join(folder(), `config-${files}.mjs`);
  await writeFile(file, source);
  return loadSettings(file, folder());
}
