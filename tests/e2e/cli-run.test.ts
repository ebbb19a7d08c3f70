// `millrace run` as a process: what it prints where, its exit codes, signals, and what it leaves in the store.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { runCli, startCli } from "../support/cli/cli-process.ts";
import { useTemporaryFolder } from "../support/temporary-folder.ts";

const files: Readonly<Record<string, string>> = {
  "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ slots: 2, compute: { threads: 1, memoryLimit: "256MB" } });
`,
  "cities.csv": "city,population\nBern,134000\nBasel,177000\nChur,38000\n",
  "jobs/ingest-cities.ts": `import { integrationJob } from "millrace";
export default integrationJob({ name: "ingest_cities", source: { file: { path: "cities.csv" } }, output: { dataset: "cities" } });
`,
  "jobs/big-cities.ts": `import { sqlJob } from "millrace";
export default sqlJob({
  name: "big_cities",
  inputs: ["cities"],
  sql: "select * from cities where population > 100000",
  output: { dataset: "big_cities" },
});
`,
  // Goes on when the file \`open\` is there, so that a test decides when.
  "jobs/gate.ts": `import { existsSync } from "node:fs";
import { defineJob, z } from "millrace";
export default defineJob({
  name: "gate",
  params: z.object({ note: z.string().optional(), days: z.number().optional() }),
  async execute(ctx) {
    while (!existsSync("open")) {
      ctx.signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { rows: 7 };
  },
});
`,
  "jobs/deaf.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "deaf", execute: () => new Promise((resolve) => setTimeout(resolve, 600_000)) });
`,
  "jobs/throws-text.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "throws_text", execute() { throw "\\u001b[2Jgone\\u202e"; } });
`,
  "jobs/warns.ts": `import { defineJob } from "millrace";
export default defineJob({ name: "warns", execute: () => ({ rows: 1 }), onSuccess() { throw new Error("no mail"); } });
`,
  "pipelines/towns.ts": `import { JobPipeline } from "millrace";
import bigCities from "../jobs/big-cities.ts";
import gate from "../jobs/gate.ts";
import ingestCities from "../jobs/ingest-cities.ts";
export default new JobPipeline("towns")
  .addJob(ingestCities)
  .addJob(gate, { dependsOn: ["ingest_cities"] })
  .addJob(bigCities, { dependsOn: ["gate"] });
`,
};

const folder = useTemporaryFolder("cli-run");
const file = (name: string): string => join(folder(), name);

beforeEach(async () => {
  await rm(folder(), { recursive: true, force: true });
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(file(name)), { recursive: true });
    await writeFile(file(name), text);
  }
});

const openGate = (): Promise<void> => writeFile(file("open"), "");

test("a pipeline runs to its end; the report is on stdout and all else on stderr", async () => {
  await openGate();
  const { code, stdout, stderr } = await runCli(folder(), "run", "towns");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toMatch(/^JOB +STATE +TIME +ROWS +NOTE$/m);
  expect(stdout).toMatch(/^big_cities +FINISHED .* 2$/m);
  expect(stdout).toMatch(/^published big_cities version 1: 2 rows in lake\/big_cities$/m);
  expect(stdout).toMatch(/^run r1 towns: FINISHED in /m);
  expect(stderr).toMatch(/^started run r1: towns$/m);
  expect(stderr).toMatch(/^gate: FINISHED/m);
  expect(stderr).not.toContain("ExperimentalWarning");
});

test("with `--json` stdout is one line of JSON, whether the run ends well or not", async () => {
  const failed = await runCli(folder(), "run", "throws_text", "--json");
  expect(failed.code).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    schema_version: 1,
    run_id: "r1",
    job_name: "throws_text",
    state: "ERROR",
    error: { code: "JOB_THREW_NON_ERROR" },
  });
  const finished = await runCli(folder(), "run", "ingest_cities", "--json");
  expect(finished.code).toBe(0);
  expect(JSON.parse(finished.stdout)).toMatchObject({
    state: "FINISHED",
    result: { dataset: "cities", rows: 3 },
    outputs: [{ dataset: "cities", version: 1, row_count: 3, changed: true }],
  });
});

test("a failure is told with its hint, and what a job throws cannot steer the terminal", async () => {
  const { code, stdout, stderr } = await runCli(folder(), "run", "throws_text");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^run r1 throws_text: ERROR in /m);
  expect(stderr).toContain("error JOB_THREW_NON_ERROR: throws_text: job threw a value that is not an error");
  expect(stderr).toContain("  hint: throw an Error, so that its message and stack are kept");
  for (const steering of ["\u001b", "\u202e"]) expect(stdout + stderr).not.toContain(steering);
});

test("a run with warnings is a success, and exit 3 where `--fail-on warn` asks for it", async () => {
  expect((await runCli(folder(), "run", "warns")).code).toBe(0);
  const { code, stderr } = await runCli(folder(), "run", "warns", "--fail-on", "warn");
  expect(code).toBe(3);
  expect(stderr).toContain("warning: warns: `onSuccess` failed: no mail");
});

describe("a command line that cannot start", () => {
  const refused: readonly (readonly [args: string[], exitCode: number, message: string])[] = [
    [["run", "twons"], 4, "error JOB_UNKNOWN: unknown job or pipeline `twons`, did you mean `towns`?"],
    [["runn", "towns"], 2, "unknown command `runn`, did you mean `run`?"],
    [["run", "gate", "--parm", "a=1"], 2, "unknown option '--parm'"],
    [["run"], 2, "missing required argument 'name'"],
    [["run", "gate", "-p", "days=soon"], 2, "error PARAMS_INVALID: params of `gate`: `days`: "],
    [["run", "gate", "-p", "days"], 2, "error USAGE_INVALID: expected `--param name=value`, got: `days`"],
    [["run", "gate", "--params", "[1]"], 2, "error USAGE_INVALID: expected `--params` to be a JSON object, got: `[1]`"],
    [["run", "gate", "--from", "2026-01-01"], 2, "error USAGE_INVALID: expected `--from` and `--to` together"],
    [["run", "gate", "--from", "2026-02-30", "--to", "2026-03-01"], 2, "error VALUE_INVALID: expected `from` to be "],
    [["run", "gate", "--slots", "0"], 2, "error USAGE_INVALID: expected `--slots` to be an integer from 1 to 1000"],
    [["run", "gate", "--fail-on", "info"], 2, "error USAGE_INVALID: expected `--fail-on` to be `warn`, got: `info`"],
    [["run", "gate", "--wait-timeout", "1x"], 2, "error VALUE_INVALID: expected `--wait-timeout` to be a duration"],
  ];

  test("has its exit code and its reason, and none leaves a run", { timeout: 120_000 }, async () => {
    for (const [args, exitCode, message] of refused) {
      const { code, stdout, stderr } = await runCli(folder(), ...args);
      expect(stderr).toContain(message);
      expect([args, code, stdout]).toEqual([args, exitCode, ""]);
    }
    expect((await runCli(folder(), "runs", "--all", "--json")).stdout).toContain('"items":[]');
  });

  test("outside of any project the way to one is told", async () => {
    const { code, stderr } = await runCli("/", "run", "towns");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error CONFIG_INVALID: no project in `\/` or above\n {2}hint: .*`millrace init`/);
  });

  test("a mistake in the configuration is placed at its line and column", async () => {
    await writeFile(file("millrace.config.ts"), 'export default {\n  store: "a.db",\n  slotz: 4,\n};\n');
    const { code, stderr } = await runCli(folder(), "run", "towns");
    expect(code).toBe(2);
    expect(stderr).toContain(
      "millrace.config.ts:3:3: unknown option `slotz` of the configuration, did you mean `slots`?",
    );
  });

  test("a job file that does not parse is placed at its line", async () => {
    await writeFile(file("jobs/broken.ts"), "const a = 1;\nexport default defineJob({ name: ;\n");
    const { code, stderr } = await runCli(folder(), "run", "towns");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error MODULE_UNREADABLE: jobs\/broken\.ts:2(:\d+)?: /);
  });

  test("two files with the same name are both named", async () => {
    await writeFile(file("jobs/other.ts"), files["jobs/warns.ts"] ?? "");
    const { code, stderr } = await runCli(folder(), "run", "towns");
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /error JOB_DUPLICATE: the name `warns` is used in jobs\/other\.ts:\d+:\d+ and in jobs\/warns\.ts:\d+:\d+\n/,
    );
  });
});

test("a param that no job declares is refused with the closest one", async () => {
  const { code, stderr } = await runCli(folder(), "run", "gate", "-p", "dais=3");
  expect(code).toBe(2);
  expect(stderr).toContain("no job declares the param `dais`, did you mean `days`?");
});

test("a dry run shows the jobs in order with the reasons, and leaves no run", async () => {
  const { code, stdout } = await runCli(folder(), "run", "towns", "--dry-run", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    job_name: "towns",
    jobs: [{ job_name: "ingest_cities" }, { job_name: "gate" }, { job_name: "big_cities", outputs: ["big_cities"] }],
  });
  expect((await runCli(folder(), "runs", "--json")).stdout).toContain('"items":[]');
});

describe("a run that is interrupted", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "%s gives it back; the command it tells goes on with it",
    async (signal) => {
      const params = ["-p", "note=it's late"];
      const first = startCli(folder(), ["run", "towns", ...params]);
      await first.printed(/^gate: RUNNING/m);
      first.child.kill(signal);
      const stopped = await first.ended;
      expect([stopped.code, stopped.stdout]).toEqual([6, ""]);
      expect(stopped.stderr).toContain("stopping: the jobs wind down; press Ctrl-C again to leave at once");
      expect(stopped.stderr).toContain(
        "run r1 is not finished, and nothing half-done was published; it goes on with\n",
      );
      expect(stopped.stderr).toContain(String.raw`  millrace run towns -p 'note=it'\''s late'`);
      expect((await runCli(folder(), "verify")).code).toBe(0);

      await openGate();
      const second = await runCli(folder(), "run", "towns", ...params);
      expect(second).toMatchObject({ code: 0 });
      expect(second.stderr).toContain("continuing run r1: towns");
      // What was done is not done again.
      expect(second.stderr).not.toContain("ingest_cities: RUNNING");
      expect(second.stdout).toMatch(/^run r1 towns: FINISHED/m);
    },
  );

  test("a handler that heeds its signal does not delay the end", async () => {
    const started = startCli(folder(), ["run", "gate"]);
    await started.printed(/^gate: RUNNING/m);
    const atMs = performance.now();
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(6);
    // The time that deaf handlers are given is 5 s.
    expect(performance.now() - atMs).toBeLessThan(3_000);
  });

  test("a handler that ignores its signal is left behind", async () => {
    const started = startCli(folder(), ["run", "deaf"]);
    await started.printed(/^deaf: RUNNING/m);
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(6);
    const { stdout } = await runCli(folder(), "runs", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ items: [{ run_id: "r1", state: "PENDING" }] });
  });

  test("the second Ctrl-C leaves at once", async () => {
    const started = startCli(folder(), ["run", "deaf"]);
    await started.printed(/^deaf: RUNNING/m);
    started.child.kill("SIGINT");
    await started.printed(/^stopping/m);
    const atMs = performance.now();
    started.child.kill("SIGINT");
    expect((await started.ended).code).toBe(6);
    expect(performance.now() - atMs).toBeLessThan(2_000);
    expect((await runCli(folder(), "verify")).code).toBe(0);
  });

  test("`--wait-timeout` gives up with 75 and says so in JSON, too", async () => {
    const { code, stdout } = await runCli(folder(), "run", "gate", "--wait-timeout", "300ms", "--json");
    expect(code).toBe(75);
    expect(JSON.parse(stdout)).toMatchObject({ run_id: "r1", state: "PENDING", error: null });
  });
});

test("a reader that goes away is no error", async () => {
  await openGate();
  const { child, ended } = startCli(folder(), ["jobs", "--json"]);
  child.stdout.destroy();
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([0, ""]);
});
