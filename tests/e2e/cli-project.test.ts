// A newcomer's first minutes with the built command line: init, run, look, run again.
import { readFileSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CliProject, type CliResult } from "../support/cli/cli-project.ts";

const repository = join(import.meta.dirname, "../..");
let project: CliProject;
let made: CliResult;
let first: CliResult;

beforeAll(async () => {
  project = await CliProject.create({});
  made = await project.run("init");
  first = await project.run("run", "sales");
});

afterAll(() => project[Symbol.asyncDispose]());

test("init lists what it wrote and the next commands", () => {
  expect(made).toMatchObject({ code: 0 });
  expect(made.stdout.split("\n")).toContain("jobs/ingest-orders.ts");
  expect(made.stderr.trimEnd().split("\n")).toEqual([
    "",
    "next:",
    "  npm install",
    "  npx millrace run sales",
    "  npx millrace dev",
  ]);
});

test("the new project depends on this version and runs at once", async () => {
  const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as {
    version: string;
  };
  expect(JSON.parse(await project.read("package.json"))).toMatchObject({
    type: "module",
    dependencies: { millrace: `^${version}` },
    devDependencies: { typescript: expect.any(String) as string },
  });
  expect(first).toMatchObject({ code: 0 });
  expect(first.stdout).toContain("published orders version 1: 6 rows in lake/orders");
  expect(first.stdout).toContain(
    "published daily_sales version 1: 3 rows in lake/daily_sales, out/daily_sales.parquet",
  );
});

test("the types of the new project fit, and so do tests as the guide to testing shows them", async () => {
  await using typed = await CliProject.create({});
  await typed.run("init");
  const guide = readFileSync(join(repository, "docs/guides/testing.md"), "utf8");
  const shown = [...guide.matchAll(/^```ts\n(import .*?)^```/gms)].map(([, text = ""]) => text);
  expect(shown.some((text) => text.includes("await using"))).toBe(true);
  for (const [index, text] of shown.entries())
    await typed.write(`tests/${index}.test.ts`, text.replace("daily_sales.ts", "daily-sales.ts"));
  await typed.write("tests/planted.ts", 'export const planted: number = "text";\n');
  await typed.link("@types/node");
  await symlink(repository, join(typed.path, "node_modules/millrace"), "dir");
  // The script that `npm run types` runs, with the compiler of this repository.
  const { scripts } = JSON.parse(await typed.read("package.json")) as { scripts: { types: string } };
  const { code, stdout } = await typed.shell(
    scripts.types.replace("tsc", `'${join(repository, "node_modules/.bin/tsc")}' --pretty false`),
  );
  expect(stdout.trimEnd().split("\n")).toEqual([expect.stringContaining("tests/planted.ts(1,14): error TS2322")]);
  expect(code).not.toBe(0);
});

test("init overwrites nothing and names what is in the way", async () => {
  const before = await project.read("pipeline.ts");
  const again = await project.run("init");
  expect(again.code).toBe(2);
  expect(again.stderr).toContain("`init` overwrites nothing, but there is already `README.md`, `package.json`");
  await using other = await CliProject.create({ "pipeline.ts": "// mine\n" });
  const partly = await other.run("init");
  expect(partly.code).toBe(2);
  expect(partly.stderr).toContain("there is already `pipeline.ts`\n");
  expect(await other.read("pipeline.ts")).toBe("// mine\n");
  expect(await other.read("package.json")).toBe("");
  expect(await project.read("pipeline.ts")).toBe(before);
});

test("init inside of a project is refused, and names that project", async () => {
  const inside = await project.run("init", "jobs/more");
  expect(inside.code).toBe(2);
  expect(inside.stderr).toMatch(
    /jobs\/more` lies in the project of `.*millrace\.config\.ts`\n {2}hint: make the new project/,
  );
});

test("init makes the folder that it is given, whatever its name", async () => {
  await using other = await CliProject.create({ "a file": "" });
  const { code, stderr } = await other.run("init", "Über 1 Ding's");
  expect(code).toBe(0);
  expect(stderr).toContain(String.raw`  cd 'Über 1 Ding'\''s' && npm install`);
  expect(JSON.parse(await other.read("Über 1 Ding's/package.json"))).toMatchObject({ name: "ber-1-ding-s" });
  const run = await other.run("--project", "Über 1 Ding's", "run", "sales");
  expect(run).toMatchObject({ code: 0 });
  const taken = await other.run("init", "a file");
  expect(taken.code).toBe(2);
  expect(taken.stderr).toMatch(/^error USAGE_INVALID: cannot write /);
});

test("a second run changes nothing and makes no new version", async () => {
  const { code, stdout } = await project.run("run", "sales", "--json");
  expect(code).toBe(0);
  const { state, jobs, outputs } = JSON.parse(stdout) as {
    state: string;
    jobs: { result: { changed: boolean; version: number } }[];
    outputs: { changed: boolean }[];
  };
  expect(state).toBe("FINISHED");
  expect(jobs.map(({ result }) => [result.changed, result.version])).toEqual([
    [false, 1],
    [false, 1],
  ]);
  expect(outputs.map(({ changed }) => changed)).toEqual([false, false]);
});

test("what ran can be looked at: runs, show, logs, jobs, graph", async () => {
  const runs = await project.run("runs", "--json");
  expect((JSON.parse(runs.stdout) as { items: object[] }).items).toEqual(
    expect.arrayContaining([expect.objectContaining({ run_id: "r1", job_name: "sales", state: "FINISHED" })]),
  );
  const show = await project.run("show", "r1");
  expect(show).toMatchObject({ code: 0, stderr: "" });
  for (const text of ["ingest_orders", "daily_sales", "unique(order_id)", "lake/orders"])
    expect(show.stdout).toContain(text);
  expect(await project.run("logs", "last")).toMatchObject({ code: 0 });
  const jobs = await project.run("jobs");
  expect(jobs.stdout).toContain("jobs/ingest-orders.ts");
  const graph = await project.run("graph", "--mermaid");
  expect(graph.stdout).toContain("job_ingest_orders -->|orders| job_daily_sales");
});

test("verify and doctor find nothing wrong", async () => {
  const verify = await project.run("verify");
  expect(verify).toMatchObject({ code: 0 });
  const doctor = await project.run("doctor");
  expect(doctor).toMatchObject({ code: 0 });
});

test("a dry run runs nothing", async () => {
  const before = (await project.run("runs", "--all", "--json")).stdout;
  const { code, stdout, stderr } = await project.run("run", "sales", "--dry-run");
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /1\. ingest_orders[\s\S]*2\. daily_sales[\s\S]*after ingest_orders, whose dataset orders it reads/,
  );
  expect(stderr).toBe("nothing was run\n");
  expect((await project.run("runs", "--all", "--json")).stdout).toBe(before);
});

test("piped output has no escape codes", async () => {
  for (const args of [
    ["--help"],
    ["jobs"],
    ["runs"],
    ["show", "r1"],
    ["graph"],
    ["doctor"],
    ["run", "sales"],
    ["run", "x"],
  ]) {
    const { stdout, stderr } = await project.run(...args);
    expect(`${stdout}${stderr}`).not.toContain("\u001b");
    expect(stdout.length + stderr.length).toBeGreaterThan(0);
  }
});

test("a project is found from the folders inside it", async () => {
  await using inside = await CliProject.create({});
  await inside.run("init");
  const { code, stdout } = await inside.shell("cd jobs && millrace jobs");
  expect(code).toBe(0);
  expect(stdout).toContain("jobs/daily-sales.ts");
});

test("a reader that goes away is no error", async () => {
  await using talker = await CliProject.create({
    "jobs/talk.ts": `
      import { defineJob } from "millrace";
      export default defineJob({ name: "talk", execute(ctx) {
        for (let line = 0; line < 5000; line += 1) ctx.log.info("line " + line + " " + "x".repeat(100));
      } });`,
  });
  expect(await talker.run("run", "talk")).toMatchObject({ code: 0 });
  const { stdout, stderr } = await talker.shell('(millrace logs last; echo "exit $?" >&2) | head -1');
  expect(stdout.split("\n")).toHaveLength(2);
  expect(stdout).toContain("line 0");
  expect(stderr).toBe("exit 0\n");
});
