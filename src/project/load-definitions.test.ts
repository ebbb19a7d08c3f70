import { mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { expectFailure } from "../../tests/support/expect-failure.ts";
import { useTemporaryFolder } from "../../tests/support/temporary-folder.ts";
import { defineJob } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { Definitions } from "./definitions.ts";
import { listModules, loadDefinitions } from "./load-definitions.ts";

const folder = useTemporaryFolder("load-definitions");
let root: string;

const core = new URL("../core/", import.meta.url).href;
const job = (name: string): string =>
  `import { defineJob } from "${core}job/job.ts";\nexport default defineJob({ name: "${name}", execute() {} });\n`;

const files = {
  "jobs/b.mjs": job("b"),
  "jobs/deep/a.mjs": job("a"),
  "jobs/a.test.mjs": "throw new Error('a test');",
  "jobs/a.d.ts": "throw new Error('a declaration');",
  "jobs/_shared.mjs": "throw new Error('shared');",
  "jobs/.hidden.mjs": "throw new Error('hidden');",
  "jobs/_lib/c.mjs": "throw new Error('lib');",
  "jobs/node_modules/d.mjs": "throw new Error('package');",
  "jobs/notes.md": "notes",
  "pipeline.mjs": `import { JobPipeline } from "${core}job/pipeline.ts";
import b from "./jobs/b.mjs";
export default new JobPipeline("daily").addJob(b);
`,
  "list.mjs": `import { defineJob } from "${core}job/job.ts";
export default ["x", "y"].map((name) => defineJob({ name, execute() {} }));
`,
  "nothing.mjs": "export const job = 1;\n",
};

beforeAll(async () => {
  root = await realpath(folder());
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
});

test("every module below the entries is loaded once; tests, declarations and hidden ones are not", async () => {
  const entries = ["jobs", "jobs/b.mjs", "gone", "pipeline.mjs"];
  expect(await listModules(root, entries)).toEqual(
    ["jobs/b.mjs", "jobs/deep/a.mjs", "pipeline.mjs"].map((file) => join(root, file)),
  );
  const definitions = await loadDefinitions(root, entries);
  expect(definitions.names()).toEqual(["daily", "b", "a"]);
  expect(definitions.fileOf("b")).toBe("jobs/b.mjs");
  expect(definitions.fileOf("daily")).toBe("pipeline.mjs");
});

test("a module may define several jobs", async () => {
  expect((await loadDefinitions(root, ["list.mjs"])).names()).toEqual(["x", "y"]);
});

test("a module that defines nothing is refused by name", async () => {
  const error = await expectFailure(loadDefinitions(root, ["nothing.mjs"]));
  expect(error).toMatchObject({
    code: "JOB_INVALID",
    message: "expected nothing.mjs to default-export a job or a pipeline, got: `undefined`",
  });
});

test("a name belongs to one definition, whichever file or pipeline brings it again", () => {
  const load = defineJob({ name: "load", execute: () => undefined });
  const definitions = new Definitions();
  definitions.add(load, "jobs/load.ts");
  definitions.add(load, "pipeline.ts");
  definitions.add(new JobPipeline("daily").addJob(load), "pipeline.ts");
  expect(definitions.fileOf("load")).toBe("jobs/load.ts");
  const other = defineJob({ name: "load", execute: () => 1 });
  const message = "the name `load` is used in jobs/load.ts and in";
  expect(() => definitions.add(other, "jobs/other.ts")).toThrowError(`${message} jobs/other.ts`);
  expect(() => definitions.add(new JobPipeline("load").addJob(other), "p.ts")).toThrowError(`${message} p.ts`);
  expect(() => definitions.add(new JobPipeline("weekly").addJob(other), "w.ts")).toThrowError(`${message} w.ts`);
});

test("an unknown name is answered with the closest one, of jobs and pipelines alike", () => {
  const definitions = new Definitions();
  expect(() => definitions.find("x")).toThrowError("unknown job or pipeline `x`");
  definitions.add(new JobPipeline("daily").addJob(defineJob({ name: "load", execute: () => undefined })), "p.ts");
  expect(definitions.find("load").kind).toBe("job");
  expect(() => definitions.find("dayly")).toThrowError("unknown job or pipeline `dayly`, did you mean `daily`?");
});

test("a name that is used twice is refused with both places", async () => {
  await writeFile(
    join(root, "twice.mjs"),
    `import { defineJob } from "${core}job/job.ts";
export default [defineJob({ name: "b", execute() {} })];
`,
  );
  const between = await expectFailure(loadDefinitions(root, ["jobs/b.mjs", "twice.mjs"]));
  expect(between).toMatchObject({
    code: "JOB_DUPLICATE",
    message: "the name `b` is used in jobs/b.mjs:2:34 and in twice.mjs:2:35",
  });
  await writeFile(
    join(root, "inside.mjs"),
    `import { defineJob } from "${core}job/job.ts";
export default [
  defineJob({ name: "i", execute() {} }),
  defineJob({ name: "i", execute() {} }),
];
`,
  );
  const inside = await expectFailure(loadDefinitions(root, ["inside.mjs"]));
  expect(inside.message).toBe("the name `i` is used in inside.mjs:3:21 and in inside.mjs:4:21");
});

test.each([
  ["{ cron: '61 * * * *' }", "5:15"],
  ["{ cron: '@daily', timezone: 'Europe/Berln' }", "5:31"],
  ["{ cron: '@daily', every: '1h' }", "5:31"],
  ["{}", "5:3"],
])("a schedule %s is refused with the place of what is wrong in it", async (schedule, place) => {
  const text = `import { defineJob } from "${core}job/job.ts";

export default defineJob({
  name: "timed",
  schedule: ${schedule},
  execute() {},
});
`;
  const file = `timed-${schedule.length}.mjs`;
  await writeFile(join(root, file), text);
  expect((await expectFailure(loadDefinitions(root, [file]))).message).toMatch(`${file}:${place}: `);
});
