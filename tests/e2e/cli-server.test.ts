// The command line against a server: the same verbs as on a store, with what a token may and may not do.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliProcess, CliProject, type CliResult } from "../support/cli/cli-project.ts";
import { uiProjectFiles } from "../support/web/ui-project.ts";

let project: CliProject;
let server: CliProcess;
let url: string;
let admin: string;
let viewer: string;

beforeAll(async () => {
  project = await CliProject.create(uiProjectFiles);
  await project.link("zod");
  admin = (await project.run("token", "create", "ops", "--role", "admin")).stdout.trim();
  viewer = (await project.run("token", "create", "wall", "--role", "viewer", "--expires", "1d")).stdout.trim();
  server = project.start("server", "--port", "0", "--slots", "2", "--log-level", "error");
  await server.waitForNote("listens on");
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr)?.[0] ?? "";
});

afterAll(async () => {
  server.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  await project[Symbol.asyncDispose]();
});

test("a run is started, watched to its end, shown, explained and compared through the server", async () => {
  const started = await as(admin, "start", "counter", "-p", "total=3", "--json");
  const { run_id: run, created } = JSON.parse(started.stdout) as { run_id: string; created: boolean };
  expect(created).toBe(true);
  const watched = await as(admin, "watch", run, "--json");
  expect([watched.code, JSON.parse(watched.stdout)]).toMatchObject([
    0,
    { run_id: run, job_name: "counter", state: "FINISHED" },
  ]);
  const { run_id: second } = JSON.parse((await as(admin, "start", "counter", "-p", "total=2", "--json")).stdout) as {
    run_id: string;
  };
  expect((await as(viewer, "watch", "counter")).stdout).toContain(`run ${second} counter: FINISHED`);
  expect((await as(viewer, "runs", "--job", "counter")).stdout).toContain(run);
  expect((await as(viewer, "show", run)).stdout).toMatch(/run r\d+ {2}counter {2}FINISHED/);
  expect((await as(viewer, "why", run)).stdout).toContain("finished");
  expect((await as(viewer, "diff", run, second)).stdout).toContain("total: 3 → 2");
  expect((await as(viewer, "jobs", "--names")).stdout.split("\n")).toContain("daily");
});

test("a failed run exits 1, its log is searched, and it can be tried again", async () => {
  const { run_id: run } = JSON.parse((await as(admin, "start", "flaky", "-p", "order=77", "--json")).stdout) as {
    run_id: string;
  };
  const watched = await as(viewer, "watch", run);
  expect([watched.code, watched.stdout]).toEqual([1, expect.stringContaining("order 77 has no customer")]);
  const logs = await as(viewer, "logs", run, "--level", "error", "--grep", "needle");
  expect(logs.stdout).toContain("the needle in this haystack is 77");
  await project.write("fixed", "");
  expect((await as(admin, "retry", run)).stdout).toBe(`rerun ${run}: 1 run changed\n`);
  expect((await as(viewer, "watch", run)).code).toBe(0);
});

test("a watermark is shown, rewound with a look at it first, and the rewind is taken back", async () => {
  for (let round = 0; round < 2; round += 1) {
    const { run_id: run } = JSON.parse((await as(admin, "start", "reader", "--json")).stdout) as { run_id: string };
    expect((await as(viewer, "watch", run)).code).toBe(0);
  }
  expect((await as(viewer, "state", "show", "reader")).stdout).toContain("watermark default: 20  version 2");
  const preview = await as(admin, "state", "rewind", "reader", "--to", "10", "--dry-run");
  expect(preview.stdout).toContain("20 → 10 (preview)");
  expect((await as(viewer, "state", "show", "reader")).stdout).toContain("default: 20");
  expect((await as(admin, "state", "rewind", "reader", "--to", "10", "--reason", "bad day")).code).toBe(0);
  expect((await as(admin, "state", "undo", "reader")).stdout).toContain("10 → 20");
  expect((await as(viewer, "state", "diff", "reader")).stdout).toContain("bad day");
});

test("a paused orchestrator is told, and put to work again", async () => {
  expect((await as(admin, "orchestrator", "stop", "--reason", "holiday")).stdout).toContain("holiday");
  expect((await as(viewer, "orchestrator")).stdout).toContain("take no new runs");
  expect((await as(admin, "orchestrator", "start")).stdout).toContain("workers take new runs");
});

test("what a token may not do, who is not known and what is not there have exit codes of their own", async () => {
  expect(await as(viewer, "start", "counter")).toMatchObject({ code: 5, stderr: expect.stringContaining("FORBIDDEN") });
  expect(await as("mlr_nobody_nothing", "runs")).toMatchObject({
    code: 5,
    stderr: expect.stringContaining("UNAUTHENTICATED"),
  });
  expect(await as(viewer, "show", "r999999")).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("RUN_UNKNOWN"),
  });
  expect(await as(admin, "start", "conter")).toMatchObject({ code: 4, stderr: expect.stringContaining("counter") });
  expect(await as(admin, "start", "counter", "-p", "total=-1")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("PARAMS_INVALID"),
  });
  expect(await project.run("--server", "http://127.0.0.1:9", "runs")).toMatchObject({
    code: 69,
    stderr: expect.stringContaining("SERVER_UNREACHABLE"),
  });
  expect(await project.run("--server", "nonsense", "runs")).toMatchObject({ code: 2 });
});

test("a revoked token is refused at once", async () => {
  const created = JSON.parse((await as(admin, "token", "create", "short", "--json")).stdout) as {
    token_id: string;
    secret: string;
  };
  expect((await as(created.secret, "runs")).code).toBe(0);
  expect((await as(admin, "token", "revoke", created.token_id)).code).toBe(0);
  expect((await as(created.secret, "runs")).code).toBe(5);
  expect((await as(admin, "token")).stdout).toMatch(/short +viewer +revoked/);
});

test("a server without tokens of its own does not listen where others could reach it", async () => {
  const refused = await project.run("server", "--host", "0.0.0.0", "--auth", "off", "--port", "0");
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("SERVER_REFUSED") });
});

function as(token: string, ...args: string[]): Promise<CliResult> {
  return project.startWith({ MILLRACE_SERVER: url, MILLRACE_TOKEN: token }, ...args).ended;
}
