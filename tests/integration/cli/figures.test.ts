// Figures at the command line: the rows behind one, and files of rows, the same from the store as from a server.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../../../src/app/serve.ts";
import { createCommandContext } from "../../../src/cli/command-context.ts";
import { type CommandLine, createCommandLine } from "../../support/cli/command-line.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";

const files = {
  "jobs/figures.ts": `import { JobPipeline, sqlJob } from "millrace";

const dora = sqlJob({
  name: "dora",
  inputs: [],
  sql: \`select 'shop' as service, 'month' as period, timestamptz '2026-01-01 00:00:00+00' as start_at,
    timestamptz '2026-02-01 00:00:00+00' as end_at, 'deployment_frequency' as metric, 3 / 31 as value, 3 as n\`,
  output: { dataset: "delivery_dora" },
});

const deployments = sqlJob({
  name: "deployments",
  inputs: [],
  sql: \`select 'shop' as service, i as deployment_id, timestamptz '2026-01-10 00:00:00+00' + i * interval 1 day as deployed_at from range(3) r(i)\`,
  output: { dataset: "delivery_deployments" },
});

export default new JobPipeline("figures").addJob(dora).addJob(deployments);
`,
};

const stack = new AsyncDisposableStack();
let path: string;
let store: CommandLine;
let server: CommandLine;

beforeAll(async () => {
  const project = stack.use(await createSmallProject(files));
  ({ path } = project);
  expect((await project.run("run", "figures")).exitCode).toBe(0);
  const context = createCommandContext(path);
  const app = stack.use(await context.openApp());
  const { environment } = context;
  const serving = stack.use(
    await serve(app, { environment, host: "127.0.0.1", port: 0, auth: "off", logLevel: "fatal" }),
  );
  store = createCommandLine(path, { width: 160 });
  server = createCommandLine(path, { width: 160, server: serving.url });
  // connections to the server outlive a test
  await server.run(...why);
});

afterAll(() => stack.disposeAsync());

const why = ["figures", "why", "deployment_frequency", "--service", "shop", "--at", "2026-01"] as const;

test("rows behind a figure are told with the figure, by the store and by a server alike", async () => {
  const { exitCode, stdout, stderr } = await store.run(...why);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    "deployment_frequency of service shop: 0.0967741935483871 deployments a day of 3, month from 2026-01-01",
  );
  expect(stdout).toContain("rows of delivery_deployments");
  expect(stdout).toMatch(/SERVICE|service/);
  expect(stderr).toContain("3 rows");
  expect(await server.run(...why)).toEqual({ exitCode, stdout, stderr });
  const json = await store.run(...why, "--limit", "1", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({ figure: { n: 3 }, items: [{ service: "shop", figure_value: 1 }] });
  expect((await store.run("figures")).stdout).toMatch(/velocity_points +sprint +points/);
});

test("rows behind a figure and whole datasets are written to files", async () => {
  for (const line of [store, server]) {
    const exported = await line.run("figures", "export", ...why.slice(2), "--to", "rows.csv");
    expect(exported).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("rows.csv: ") });
    const csv = await readFile(join(path, "rows.csv"), "utf8");
    expect(csv.trimEnd().split("\n")).toHaveLength(4);
    expect(await line.run("datasets", "export", "delivery_dora", "--format", "parquet")).toMatchObject({ exitCode: 0 });
    const parquet = await readFile(join(path, "delivery_dora.parquet"), "latin1");
    expect([parquet.slice(0, 4), parquet.slice(-4)]).toEqual(["PAR1", "PAR1"]);
  }
});

test.each([
  ["no metric", ["figures", "why"], "expected the name of a figure to why"],
  [
    "a metric that is none",
    ["figures", "why", "deployment_freqency", "--service", "x"],
    "did you mean `deployment_frequency`?",
  ],
  ["no service", ["figures", "why", "deployment_frequency"], "expected the service"],
  ["a month before all", [...why.slice(0, 5), "--at", "2024-01"], "there is no figure"],
  [
    "a folder that is none",
    ["datasets", "export", "delivery_dora", "--to", "gone/x.csv"],
    "cannot write `gone/x.csv`: ENOENT",
  ],
  ["a dataset that is none", ["datasets", "export", "delivery_dra"], "no run has published dataset `delivery_dra`"],
])("a figure or file of %s is refused", async (_what, args, message) => {
  for (const line of [store, server]) {
    const { exitCode, stderr } = await line.run(...args);
    // as `USAGE_INVALID`, `THING_UNKNOWN` and the like end
    expect([exitCode === 0, stderr]).toEqual([false, expect.stringContaining(message)]);
  }
});

test("a file that is there gives way only to a whole one", async () => {
  await writeFile(join(path, "kept.csv"), "before");
  await store.run("figures", "export", ...why.slice(2, 5), "--at", "2024-01", "--to", "kept.csv");
  expect(await readFile(join(path, "kept.csv"), "utf8")).toBe("before");
});
