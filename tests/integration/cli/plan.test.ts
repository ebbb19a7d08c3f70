// `millrace plan` and jobs in YAML on the command line.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";

const job = `name: calls
params: { day: { type: date } }
source:
  http:
    url: http://127.0.0.1:9/calls
    auth: { apiKey: { query: key, value: canary-58e2 } }
    query: { day: "{{params.day}}", from: "{{page.offset}}" }
    pagination: { kind: offset, size: 10 }
schedule: { cron: "0 6 * * *", params: { day: "2026-01-31" } }
output: { dataset: calls, delta: { path: lake/calls } }
---
name: total
inputs: [calls]
sql: select count(*) as n from calls
output: { dataset: total }
`;
let project: string;
beforeEach(async () => {
  project = await writeInsideProject({ "millrace.config.ts": "export default {};", "jobs/calls.job.yaml": job });
});
afterEach(async () => {
  await rm(project, { recursive: true });
});

test("a plan tells requests, rules and targets, and warns of a credential in the file", async () => {
  const { stdout, stderr, exitCode } = await createCommandLine(project).run("plan", "calls", "-p", "day=2026-02-01");
  expect(exitCode).toBe(0);
  expect(stdout.replaceAll(project, "<project>").replace(/at 20.*Z/, "at <time>")).toBe(
    [
      "calls",
      "  GET http://127.0.0.1:9/calls?day=2026-02-01&from=0&key=[masked]",
      "  then from {{page.offset}} on, 10 rows at a time, until a page has no row",
      "  publishes calls (replace) for the first time: delta <project>/lake/calls",
      "  a schedule starts it next at <time>",
      "",
    ].join("\n"),
  );
  expect(stderr).toContain("jobs/calls.job.yaml:6:35: `source.http.auth.apiKey.value` has a credential as text");
  expect(stdout + stderr).not.toContain("canary");
});

test("jobs of a file are those of doctor and exec as well", async () => {
  const doctor = await createCommandLine(project).run("doctor");
  expect(doctor.stdout).toMatch(/warn.* 2 jobs and 0 pipelines load; jobs\/calls\.job\.yaml:6:35: /);
  const nine = "name: nine\nsql: select unnest(range(9)) as i\ninputs: []\noutput: { dataset: nine }\n";
  await writeFile(join(project, "jobs/nine.job.yaml"), nine);
  const { stdout } = await createCommandLine(project).run("exec", "--", "--module_name", "jobs.nine");
  expect(JSON.parse(stdout)).toMatchObject({ job_name: "nine", result: { rows: 9 } });
});

test("a plan of jobs that read topics looks at the records that are there, and makes no topic", async () => {
  const file = (kind: string, definition: string): string =>
    `import { defineTopic, ${kind} } from "millrace";
const orders = defineTopic({ name: "orders", partitions: 2 });
const fresh = defineTopic({ name: "fresh" });
export default ${kind}(${definition});
`;
  const jobs = {
    totals: file(
      "sqlJob",
      `{ name: "totals", inputs: [orders], sql: "select n, n + 1 as next from orders", output: { dataset: "totals" } }`,
    ),
    copies: file(
      "integrationJob",
      `{ name: "copies", source: { topic: orders }, output: { dataset: "copies", mode: "append" } }`,
    ),
    empty: file("integrationJob", `{ name: "empty", source: { topic: fresh }, output: { dataset: "empty" } }`),
  };
  for (const [name, text] of Object.entries(jobs)) await writeFile(join(project, `jobs/${name}.ts`), text);
  await writeFile(join(project, "orders.ndjson"), '{"n":1}\n{"n":2}\n');
  const command = createCommandLine(project);
  const produced = await command.run("topic", "produce", "orders", "--file", join(project, "orders.ndjson"));
  expect(produced).toMatchObject({ exitCode: 0, stdout: "appended 2 records to orders\n" });
  const planned = await command.run("plan", "totals", "--json");
  expect(planned).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(planned.stdout).jobs).toMatchObject([{ problem: null, plan: { output: { dataset: "totals" } } }]);
  for (const name of ["copies", "empty"]) {
    const { stdout, exitCode } = await command.run("plan", name);
    expect({ stdout, exitCode }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`publishes ${name}`) });
  }
  expect((await command.run("topic", "describe", "fresh")).stderr).toContain("TOPIC_UNKNOWN");
});

test("a sample is printed, and the dataset is not there afterwards", async () => {
  const command = createCommandLine(project);
  const job = "name: nine\nsql: select unnest(range(9)) as i\ninputs: []\noutput: { dataset: nine }\n";
  await writeFile(join(project, "jobs/nine.job.yaml"), job);
  const { stdout, exitCode } = await command.run("run", "nine", "--limit", "2");
  expect(exitCode).toBe(0);
  expect(stdout).toContain("\nnine__sample\ni\n0\n1\n");
  const head = await command.run("datasets", "head", "nine");
  expect([head.exitCode, head.stderr]).toEqual([
    4,
    expect.stringMatching(/DATASET_UNKNOWN: no run has published dataset `nine`.*\n.*`millrace run /),
  ]);
  expect((await command.run("run", "nine", "--limit", "few")).stderr).toContain(
    "expected `--limit` to be an integer from 1 to",
  );
});

test("what would fail is told, as JSON too, with exit code 1", async () => {
  const { stdout, exitCode } = await createCommandLine(project).run("plan", "total", "--json");
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    job_name: "total",
    jobs: [{ job_name: "total", plan: null, problem: { code: "DATASET_UNKNOWN" }, next_fire_at: null }],
  });
});

test("a source of which no unit can be read has exit code 1, too", async () => {
  const text = `name: lone\nsource: { http: { url: "http://127.0.0.1:9/{{config.region}}" } }\noutput: { dataset: lone }\n`;
  await writeFile(join(project, "jobs/lone.job.yaml"), text);
  const { stdout, exitCode } = await createCommandLine(project).run("plan", "lone");
  expect(exitCode).toBe(1);
  expect(stdout).toContain("cannot be read: variable `{{config.region}}`");
});
