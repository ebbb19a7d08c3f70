// A project as one file: it runs in an empty folder with nothing but Node, and what could not run there is refused when it is built.
import { spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CommandResult, createCommandLine } from "../../support/cli/command-line.ts";
import { runCli } from "../../support/cli/cli-process.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { useTemporaryFolder } from "../../support/temporary-folder.ts";

const files = {
  "millrace.config.ts": `import { defineProject } from "millrace";
    import { greeting } from "./texts.ts";
    export default defineProject({ name: "bundled", modules: { roots: ["dwh"] }, config: { greet: { greeting } } });`,
  "millrace.config.test.yaml": "config:\n  greet:\n    greeting: Test\n",
  "texts.ts": 'export const greeting = "Hello";\n',
  "jobs/greet.ts": `import { defineJob, z } from "millrace";
    const mark: string = ".";
    export default defineJob({
      name: "greet",
      config: z.object({ greeting: z.string() }),
      params: z.object({ name: z.string() }),
      execute: async (ctx) => {
        const { shout } = await import("./_shout.ts");
        return shout(ctx.config.greeting + " " + ctx.params.name + mark);
      },
    });`,
  "jobs/_shout.ts": "export const shout = (text: string): string => text.toUpperCase();\n",
  "jobs/isolated.ts": `import { defineJob } from "millrace";
    import { isMainThread } from "node:worker_threads";
    const isolated = (isolation: "thread" | "process") =>
      defineJob({ name: "in_" + isolation, isolation, execute: () => ({ isMainThread, pid: process.pid }) });
    export default [isolated("thread"), isolated("process")];`,
  "jobs/page-hits.ts": `import { defineJob } from "millrace";
    export const map = (line: string): readonly [string, number] => [line.split(" ")[6] ?? "", 1];
    export default defineJob({ name: "page_hits", execute: () => undefined });`,
  "jobs/words.ts": `import { mapReduceJob } from "millrace";
    export default mapReduceJob({
      name: "count_words",
      input: { files: "texts/*.txt" },
      map: (line, emit) => { for (const word of line.text().split(" ")) emit(word, 1); },
      reduce: { init: 0, add: (sum: number, more: number) => sum + more, merge: (a: number, b: number) => a + b },
      output: { dataset: "word_counts" },
    });`,
  "jobs/twice.job.yaml": 'name: twice\ninputs: []\nsql: "select 2 as n"\noutput: { dataset: twice }\n',
  "dwh/load-promos.ts": `import { defineJob } from "millrace";
    export default defineJob({ name: "load_promos", execute: () => "loaded" });`,
};

const temporary = useTemporaryFolder("build");
let project = "";
let bundle = "";
let built: CommandResult;

beforeAll(async () => {
  project = await writeInsideProject(files);
  built = await createCommandLine(project).run("build", "--json");
  const empty = join(temporary(), "empty");
  await mkdir(empty);
  bundle = join(empty, "jobs.mjs");
  if (built.exitCode === 0) await cp(join(project, "dist/jobs.mjs"), bundle);
});

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test("building tells where the bundle is, what is in it and what it needs", () => {
  expect(built.stderr).toBe("");
  expect(built.exitCode).toBe(0);
  const told = JSON.parse(built.stdout) as Readonly<Record<string, unknown>>;
  expect(told).toMatchObject({
    path: "dist/jobs.mjs",
    jobs: ["greet", "in_thread", "in_process", "page_hits", "twice", "count_words"],
  });
  expect(told["external"]).toContainEqual(expect.stringMatching(/^@duckdb\/node-api@/));
  expect(told["external"]).not.toContainEqual(expect.stringMatching(/^rolldown@/));
  expect(told["sha256"]).toMatch(/^[\da-f]{64}$/);
});

test("the bundle lists its jobs in an empty folder", async () => {
  const { code, stdout } = await runBundle("list");
  expect(code).toBe(0);
  expect(stdout.split("\n")).toContain("job  greet  jobs/greet.ts");
  expect(stdout.split("\n")).toContain("job  twice  jobs/twice.job.yaml");
});

test("the bundle runs a job with its config, its params and a module that it imports on demand", async () => {
  const { code, stdout } = await runBundle("exec", "greet", "--name", "Ada");
  expect(JSON.parse(stdout)).toMatchObject({ state: "FINISHED", job_name: "greet", result: "HELLO ADA." });
  expect(code).toBe(0);
});

test("an environment that is a file in YAML is in the bundle, too", async () => {
  const { stdout } = await runBundleWith({ MILLRACE_ENV: "test" }, "exec", "greet", "--name", "Ada");
  expect(JSON.parse(stdout)).toMatchObject({ state: "FINISHED", result: "TEST ADA." });
});

test("a module root is found by the name that Python gives a module", async () => {
  const { stdout } = await runBundle("exec", "--module_name", "dwh.load_promos");
  expect(JSON.parse(stdout)).toMatchObject({ state: "FINISHED", result: "loaded" });
});

test.each(["thread", "process"])("a job in a %s of its own runs from the bundle", async (isolation) => {
  const { stdout, stderr } = await runBundle("exec", `in_${isolation}`);
  expect(stderr).not.toContain("error");
  expect(JSON.parse(stdout)).toMatchObject({ state: "FINISHED", result: { isMainThread: isolation === "process" } });
});

test("the functions of a job of map and reduce are in the bundle, and it is found by name", async () => {
  await writeFile(
    join(bundle, "../map.mjs"),
    `import { loadJobs } from "./jobs.mjs";
    const { mapReduce } = (await loadJobs()).jobs.get("count_words");
    mapReduce.map({ text: () => "a b" }, (key, value) => console.log(key, value));`,
  );
  expect(await runNode(["map.mjs"])).toMatchObject({ code: 0, stdout: "a 1\nb 1\n" });
});

test("a job that needs a package with binary parts says so where that is not installed", async () => {
  const { code, stdout } = await runBundle("exec", "twice");
  expect(JSON.parse(stdout)).toMatchObject({ state: "ERROR", error: { code: "DEPENDENCY_MISSING" } });
  expect(code).toBe(1);
});

test("whoever imports the bundle gets what a module exports, and nothing runs", async () => {
  const program = `import { modules, loadJobs } from "./jobs.mjs";
    const { map } = await modules["jobs/page-hits.ts"]();
    console.log(JSON.stringify([map('1.2.3.4 - - [x y] "GET /a HTTP/1.1" 200'), [...(await loadJobs()).jobs.keys()].length]));`;
  await writeFile(join(bundle, "../program.mjs"), program);
  const { stdout, stderr } = await runNode(["program.mjs"]);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toEqual([["/a", 1], 6]);
});

test("what is wrong on the command line of a bundle is told as everywhere", async () => {
  const unknown = await runBundle("exec", "gret");
  expect(unknown).toMatchObject({ code: 2 });
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: "JOB_UNKNOWN" } });
  expect(await runBundle("lits")).toMatchObject({ code: 2, stderr: expect.stringContaining("did you mean `list`") });
});

test("the same files give the same bytes, wherever they lie", async () => {
  const copy = `${project}-copy`;
  try {
    await cp(project, copy, { recursive: true });
    await rm(join(copy, "dist"), { recursive: true });
    expect((await createCommandLine(copy).run("build")).exitCode).toBe(0);
    expect(await readFile(join(copy, "dist/jobs.mjs"), "utf8")).toBe(await readFile(bundle, "utf8"));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test("a job file that does not compile is refused as it is everywhere", async () => {
  const folder = join(temporary(), "broken");
  await mkdir(join(folder, "jobs"), { recursive: true });
  await writeFile(join(folder, "jobs/a.ts"), "export default {{;\n");
  const { code, stderr } = await runCli(folder, "build");
  expect(stderr).toContain("error MODULE_UNREADABLE: jobs/a.ts:1:");
  expect(code).toBe(2);
});

const job = (before: string, body = "undefined"): string => `import { defineJob } from "millrace";
${before}
export default defineJob({ name: "broken", execute: async () => { await ${body}; } });`;

test.each([
  [
    "does not compile and is imported on demand",
    { "jobs/a.ts": job("", 'import("../lib.ts")'), "lib.ts": "export const = 1;\n" },
    "BUNDLE_FAILED",
    "lib.ts:1:14: ",
  ],
  [
    "imports what it computes",
    { "jobs/a.ts": job("const which = String(1);", "import(which)") },
    "BUNDLE_FAILED",
    "jobs/a.ts:3:73: ",
  ],
  ["imports what is not there", { "jobs/a.ts": job("", 'import("./gone.ts")') }, "BUNDLE_FAILED", "jobs/a.ts:3:80: "],
  [
    "imports a file outside of the project",
    { "jobs/a.ts": job('import { outer } from "../../outside.ts"; outer();') },
    "MODULE_OUTSIDE_PROJECT",
    "jobs/a.ts:2:23: ",
  ],
])("a project whose job %s is refused with the place", async (_what, broken, code, text) => {
  const folder = await writeInsideProject(broken);
  const outside = join(folder, "../outside.ts");
  try {
    await writeFile(outside, "export const outer = (): void => undefined;\n");
    const { exitCode, stderr } = await createCommandLine(folder).run("build");
    expect(stderr).toContain(`error ${code}: `);
    expect(stderr).toContain(text);
    expect(exitCode).toBe(2);
    expect(await readdir(folder)).not.toContain("dist");
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(outside, { force: true });
  }
});

test.each([
  ["a folder that is a file", "texts.ts/jobs.mjs", "cannot write"],
  ["another file", "texts.ts", "overwrites nothing but bundles"],
  ["the jobs", "jobs/bundle.mjs", "outside of `jobs`"],
])("`--out` in the place of %s is refused", async (_what, out, text) => {
  const { exitCode, stderr } = await createCommandLine(project).run("build", "--out", out);
  expect(stderr).toContain("error USAGE_INVALID: ");
  expect(stderr).toContain(text);
  expect(exitCode).toBe(2);
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function runBundle(...args: readonly string[]): Promise<Ended> {
  return runBundleWith({}, ...args);
}

function runBundleWith(variables: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> {
  return runNode([bundle, ...args], variables);
}

/** Nothing of this repository reaches the process: it has an empty folder and Node. */
async function runNode(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: join(bundle, ".."),
    env: { PATH: process.env["PATH"], ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...output };
}
