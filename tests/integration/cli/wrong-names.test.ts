// The command line explains wrong names, and tells people who only preview, or who leave before the end, how to go on.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";

const job = `import { defineJob, z } from "millrace";
export default defineJob({
  name: "load",
  schedule: { cron: "@daily", window: true },
  params: z.object({ shop: z.string().default("a") }),
  execute: () => ({}),
});
`;

const slow = `import { defineJob, z } from "millrace";
export default defineJob({
  name: "slow",
  params: z.object({ password: z.string(), note: z.string() }),
  execute: (ctx) => new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason))),
});
`;

const fetching = `import { defineJob, z } from "millrace";
export default defineJob({ name: "fetching", config: z.object({ url: z.string() }), execute: () => ({}) });
`;

const config = `import { defineProject } from "millrace";
export default defineProject({
  slots: 1,
  config: { fetching: { url: 5 } },
});
`;

let project: SmallProject;
beforeAll(async () => {
  project = await createSmallProject({
    "millrace.config.ts": config,
    "jobs/load.ts": job,
    "jobs/slow.ts": slow,
    "jobs/fetching.ts": fetching,
  });
});
afterAll(() => project[Symbol.asyncDispose]());

const range = ["--from", "2026-01-01", "--to", "2026-01-03"];

test.each([{ options: [] }, { options: ["--dry-run"] }])(
  "a backfill refuses a param that no job declares",
  async ({ options }) => {
    const { exitCode, stdout, stderr } = await project.run("backfill", "load", ...range, "-p", "shp=b", ...options);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain("PARAMS_INVALID: params of `load`: no job declares the param `shp`, did you mean `shop`?");
    expect((await project.run("runs")).stderr).toContain("no runs");
  },
);

describe.each(["run", "start"])("`%s`", (verb) => {
  test("refuses a param that no job declares, and leaves no run", async () => {
    const { exitCode, stderr } = await project.run(verb, "load", "-p", "shp=b");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("PARAMS_INVALID: params of `load`: no job declares the param `shp`, did you mean `shop`?");
    expect(stderr).toContain("hint: it takes: shop");
    expect((await project.run("runs")).stderr).toContain("no runs");
  });

  test("names the param whose value does not fit", async () => {
    const { exitCode, stderr } = await project.run(verb, "load", "--params", '{"shop":5}');
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      "PARAMS_INVALID: params of `load`: `shop`: Invalid input: expected string, received number",
    );
  });
});

test.each(["run", "start"])("`%s` tells where the configuration gives a job what it does not take", async (verb) => {
  const { exitCode, stderr } = await project.run(verb, "fetching");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("CONFIG_INVALID: millrace.config.ts:4:25: config of job `fetching`: `url`: ");
});

test("a backfill without params takes those of the schedule", async () => {
  expect(await project.run("backfill", "load", ...range, "--dry-run")).toMatchObject({ exitCode: 0 });
});

test("`retry` of what is no run is told under the name of the command", async () => {
  const { exitCode, stderr } = await project.run("retry", "load");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("expected a run like `r42` or `last` to retry, got: `load`");
});

test.each(["show", "release", "discard"])("`quarantine %s` of a dataset without one exits with 4", async (action) => {
  expect(await project.run("quarantine", action, "loads")).toMatchObject({ exitCode: 4 });
});

test("a preview of a full refresh says that it is one", async () => {
  const { stderr } = await project.run("run", "load", "--full-refresh", "--dry-run");
  expect(stderr).toContain("note: as if for the first time");
});

test("the command with which a run goes on shows no secrets", async () => {
  const params = ["-p", "password=abc123secret", "-p", "note=n1"];
  const { exitCode, stdout, stderr } = await project.run("run", "slow", ...params, "--wait-timeout", "100ms");
  expect(exitCode).toBe(75);
  expect(stderr).toContain("millrace run slow -p 'password=…' -p note=n1");
  expect(`${stdout}${stderr}`).not.toContain("abc123secret");
});
