// The commands that settle rows in quarantine and reset datasets, from a job's file to its tables.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSmallProject, type SmallProject } from "../../support/cli/small-project.ts";

const jobs = `import { integrationJob } from "millrace";
export default integrationJob({
  name: "ingest_people",
  source: { file: { path: "in/people.csv" } },
  convert: [{ sql: "select cast(id as integer) as id, email from source" }],
  checks: [{ notNull: ["email"], severity: "quarantine" }, { range: { id: { max: 100 } }, severity: "quarantine" }],
  output: { dataset: "people", mode: "append" },
});
`;

let project: SmallProject;
beforeEach(async () => {
  project = await createSmallProject({
    "jobs/ingest-people.ts": jobs,
    "in/people.csv": "id,email\n1,a@x\n2,\n3,\n400,d@x\n",
  });
  expect(await project.run("run", "ingest_people")).toMatchObject({ exitCode: 0 });
});
afterEach(() => project[Symbol.asyncDispose]());

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await project.run(...args, "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}

test("rows are listed, shown, let in and dropped, and the history says who did it", async () => {
  expect((await project.run("quarantine")).stdout).toMatch(/people +3 .*not_null\(email\) 2, range\(id\) 1/);
  const shown = await json("quarantine", "show", "people", "--where", "email=");
  expect(shown).toMatchObject({ rows: 2, items: [{ id: 2, _quarantine_file: "in/people.csv" }, { id: 3 }] });

  const preview = await project.run("quarantine", "release", "people", "--check", "range(id)", "--dry-run");
  expect(preview.stdout).toBe("would release 1 row of people: range(id) 1\n");
  const released = await json("quarantine", "release", "people", "--check", "range(id)", "--reason", "known");
  expect(released).toMatchObject({ state: "FINISHED", result: { rows: 1, unresolved: 2 } });
  const run = await json("show", String(released["run_id"]));
  expect(JSON.stringify(run)).toContain('"reason":"known"');

  expect(await json("quarantine", "discard", "people", "--where", "id=2")).toMatchObject({ result: { unresolved: 1 } });
  const none = await project.run("quarantine", "discard", "people", "--where", "id=2");
  expect(none).toMatchObject({ exitCode: 0, stdout: "" });
  expect(none.stderr).toContain(
    "no row in the quarantine of people fits\n  it has 1 row: not_null(email) 1; of runs r1 1",
  );
  const shownNone = await project.run("quarantine", "show", "people", "--check", "range(ids)");
  expect(shownNone).toMatchObject({ exitCode: 0, stdout: "", stderr: none.stderr });
  const all = await project.run("quarantine", "discard", "people");
  expect(all.stdout).toBe("would discard 1 row of people: not_null(email) 1\n");
  expect(all.stderr).toContain("nothing was changed; `--yes` discards all rows");
  expect(await json("datasets")).toMatchObject({
    items: [
      { dataset: "people", row_count: 2, quarantined: 1, job_name: "ingest_people" },
      { dataset: "people_quarantine", row_count: 1, quarantined: null },
    ],
  });
});

test("what names nothing is refused, then a reset tells what would go and makes the dataset as if it had never been published", async () => {
  const misuses = [
    [["show", "poeple"], "QUARANTINE_UNKNOWN"],
    [["show"], "USAGE_INVALID"],
    [["discard", "people", "--where", "email"], "USAGE_INVALID"],
    [["discard", "people", "--where", "mail=x"], "VALUE_INVALID"],
    [["show", "people", "--limit", "0"], "USAGE_INVALID"],
  ] as const;
  for (const [args, code] of misuses) {
    const { exitCode, stderr } = await project.run("quarantine", ...args);
    expect([args, exitCode === 0, stderr.includes(code)]).toEqual([args, false, true]);
  }
  const plan = await project.run("datasets", "reset", "people");
  expect((await project.run("datasets", "reset", "people", "--yes", "--dry-run")).stdout).toBe(plan.stdout);
  expect(plan.stdout).toBe(
    [
      "would reset people, people_quarantine",
      "  forgets 2 versions",
      "  deletes delta lake/people",
      "  deletes delta lake/people_quarantine",
      "",
    ].join("\n"),
  );
  expect(existsSync(join(project.path, "lake/people"))).toBe(true);

  expect(await json("datasets", "reset", "people", "--yes")).toMatchObject({
    state: "FINISHED",
    result: { versions: 2, tables: 2 },
  });
  expect(existsSync(join(project.path, "lake/people"))).toBe(false);
  expect(existsSync(join(project.path, "lake/people_quarantine"))).toBe(false);
  const again = await project.run("datasets", "reset", "people", "--yes");
  expect(again.stderr).toContain("DATASET_UNKNOWN");
  await project.run("run", "ingest_people");
  expect(await json("datasets")).toMatchObject({ items: [{ version: 1, row_count: 1, quarantined: 3 }, {}] });

  // under another name, because a process loads a file once
  await rm(join(project.path, "jobs/ingest-people.ts"));
  await project.write("jobs/changed.ts", jobs.replace("as id, email", "as id, 7 as email"));
  await project.write("in/people.csv", "id\n12\n");
  expect((await project.run("run", "ingest_people")).stdout).toContain("SCHEMA_MISMATCH");
  expect(await project.run("run", "ingest_people", "--full-refresh")).toMatchObject({ exitCode: 0 });
  expect(await json("datasets")).toMatchObject({ items: [{ version: 2, row_count: 1, quarantined: 0 }, {}] });
});
