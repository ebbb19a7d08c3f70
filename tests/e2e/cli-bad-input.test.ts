// Bad input as a person meets it: one run of the built command line for each, with its message and its exit code.
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject } from "../support/cli/cli-project.ts";

const ingest = (name: string, file: string, more = ""): string => `import { integrationJob } from "millrace";
export default integrationJob({ name: "${name}", source: { file: { path: "data/${file}" } }, output: { dataset: "${name}"${more} } });
`;
const job = (name: string, body: string): string => `import { defineJob } from "millrace";
export default defineJob({ name: "${name}", ${body} });
`;

const files = {
  "millrace.config.ts": "export default { compute: { threads: 1, memoryLimit: '256MB' } };\n",
  "data/orders.csv": "id,amount\n1,10\n2,20\n",
  "data/short-row.csv": "id,amount\n1,10\n2\n3,30\n",
  "data/corrupt.parquet": "PAR1 this is not parquet PAR1",
  "data/broken.json": '[{"id": 1},\n {"id": 2]\n',
  "data/broken.ndjson": '{"id": 1}\n{"id": \n{"id": 3}\n',
  "jobs/orders.ts": ingest("orders", "orders.csv", ', schema: "freeze"'),
  "jobs/gone.ts": ingest("gone", "gone.parquet"),
  "jobs/corrupt.ts": ingest("corrupt", "corrupt.parquet"),
  "jobs/short-row.ts": ingest("short_row", "short-row.csv"),
  "jobs/broken-json.ts": ingest("broken_json", "broken.json"),
  "jobs/broken-ndjson.ts": ingest("broken_ndjson", "broken.ndjson"),
  "jobs/reads-unknown.ts": `import { dataset, sqlJob } from "millrace";
const order = dataset("order", { external: true });
export default sqlJob({ name: "reads_unknown", inputs: [order], sql: "select * from order", output: { dataset: "totals" } });
`,
  "jobs/checked.ts": `import { integrationJob } from "millrace";
export default integrationJob({
  name: "checked",
  source: { file: { path: "data/checked.csv" } },
  checks: [{ unique: ["id"] }, { range: { amount: { min: 0 } } }],
  output: { dataset: "checked", parquet: { path: "out/checked.parquet" } },
});
`,
  "jobs/throws-text.ts": job("throws_text", 'execute() { throw "words"; }'),
};

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create(files);
  await project.run("run", "orders");
});
afterAll(() => project[Symbol.asyncDispose]());

test.each([
  ["gone", "SOURCE_MISSING", "data/gone.parquet"],
  ["corrupt", "SOURCE_UNREADABLE", "data/corrupt.parquet"],
  ["short_row", "SOURCE_UNREADABLE", "data/short-row.csv` line 3"],
  ["broken_json", "SOURCE_UNREADABLE", "data/broken.json`, at byte 9 in record/value 2"],
  ["broken_ndjson", "SOURCE_UNREADABLE", "data/broken.ndjson`, at byte 8 in line 2"],
  ["reads_unknown", "DATASET_UNKNOWN", "`order`, did you mean `orders`?"],
  ["throws_text", "JOB_THREW_NON_ERROR", "job threw a value that is not an error"],
])("the run of %s fails with %s", async (name, code, text) => {
  const result = await project.run("run", name);
  expect(result).toMatchObject({ code: 1 });
  expect(result.stderr).toContain(`error ${code}: ${name}: `);
  expect(result.stderr).toContain(text);
  expect(result.stdout).toMatch(new RegExp(`^run r\\d+ ${name}: ERROR`, "m"));
});

test("a delivery of another type is refused by a frozen dataset, which stays as it was", async () => {
  await project.write("data/orders.csv", "id,amount\none,10\n");
  const { code, stderr } = await project.run("run", "orders");
  expect(code).toBe(1);
  expect(stderr).toContain("error SCHEMA_MISMATCH: orders: ");
  expect(stderr).toContain("`id`");
  const { outputs } = JSON.parse((await project.run("run", "orders", "--json")).stdout) as { outputs: unknown[] };
  expect(outputs).toEqual([]);
});

test("a failed check shows its counts and leaves the target as it was", async () => {
  await project.write("data/checked.csv", "id,amount\n1,10\n2,20\n");
  expect(await project.run("run", "checked")).toMatchObject({ code: 0 });
  const before = await project.read("out/checked.parquet");
  await project.write("data/checked.csv", "id,amount\n1,10\n1,20\n3,-5\n");
  const { code, stderr } = await project.run("run", "checked");
  expect(code).toBe(1);
  expect(stderr).toMatch(/error CHECKS_FAILED: checked: .*unique\(id\)/);
  const show = await project.run("show", "last");
  expect(show.stdout).toMatch(/unique\(id\) +block +failed +2/);
  expect(show.stdout).toMatch(/range\(amount\) +block +failed +1/);
  expect(before).not.toBe("");
  expect(await project.read("out/checked.parquet")).toBe(before);
  expect(await project.run("verify")).toMatchObject({ code: 0 });
});

const circle = `import { JobPipeline, sqlJob } from "millrace";
const copy = (name, from) => sqlJob({ name, inputs: [from], sql: "select * from " + from, output: { dataset: name } });
export default new JobPipeline("circle").addJob(copy("a", "b")).addJob(copy("b", "a"));
`;

test.each([
  ["a cycle", { "pipeline.ts": circle }, "PIPELINE_CYCLE: pipeline.ts:3:", "`circle` has a cycle: `a` → `b` → `a`"],
  [
    "a name used twice",
    { "jobs/a.ts": job("same", "execute() {}"), "jobs/b.ts": job("same", "execute() {}") },
    "JOB_DUPLICATE: ",
    "the name `same` is used in jobs/a.ts and in jobs/b.ts",
  ],
  [
    "a misspelt option",
    { "jobs/a.ts": job("a", "exeute() {}") },
    "JOB_INVALID: jobs/a.ts:2:",
    "did you mean `execute`?",
  ],
  [
    "an input that no job publishes",
    { "jobs/a.ts": ingest("orders", "orders.csv"), "jobs/b.ts": job("b", 'inputs: ["ordrs"], execute() {}') },
    "JOB_INVALID: ",
    "job `b` in jobs/b.ts reads unknown dataset `ordrs`, did you mean `orders`?",
  ],
  [
    "a module that defines nothing",
    { "jobs/a.ts": "export const a = 1;\n" },
    "JOB_INVALID: ",
    "expected jobs/a.ts to default-export",
  ],
  [
    "a configuration that does not parse",
    { "millrace.config.ts": "export default {\n  slots: 4\n  lake: 'x',\n};\n" },
    "MODULE_UNREADABLE: millrace.config.ts:3:3: ",
    "Expected ','",
  ],
  [
    "a configuration of JSON that does not parse",
    { "millrace.config.json": '{\n  "slots": 4,\n}\n' },
    "MODULE_UNREADABLE: millrace.config.json:3:1: ",
    "in JSON",
  ],
  [
    "a wrong value in the configuration",
    { "millrace.config.ts": "export default {\n  compute: {\n    threads: 'two' },\n};\n" },
    "CONFIG_INVALID: millrace.config.ts:3:5: ",
    "expected `threads` of `compute` of the configuration to be a positive integer, got: `two`",
  ],
  [
    "a job folder that is not there",
    { "millrace.config.ts": "export default {\n  jobs: ['job'],\n};\n" },
    "CONFIG_INVALID: millrace.config.ts:2:3: ",
    "`jobs` names what is not there, got: `job`",
  ],
])("%s is refused before anything runs", async (_, broken, place, text) => {
  await using other = await CliProject.create({ "millrace.config.ts": "export default {};\n", ...broken });
  if ("millrace.config.json" in broken) await other.remove("millrace.config.ts");
  const { code, stdout, stderr } = await other.run("run", "anything");
  expect(stderr).toContain(`error ${place}`);
  expect(stderr).toContain(text);
  expect([code, stdout]).toEqual([2, ""]);
});
