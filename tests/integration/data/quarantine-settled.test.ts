// What becomes of rows in quarantine when a person decides: let in after all, or dropped.
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Check } from "../../../src/core/dataset/check.ts";
import type { DatasetOutput } from "../../../src/core/dataset/dataset.ts";
import type { QuarantineSelection } from "../../../src/core/dataset/quarantine.ts";
import { createQuarantineReader } from "../../../src/data/datasets/quarantine/read-quarantine.ts";
import { DataProject } from "../../support/data/data-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";

let project: DataProject;
let runs: number;
beforeEach(async () => {
  runs = 0;
  project = await DataProject.create();
});
afterEach(() => project[Symbol.asyncDispose]());

const checks: Check[] = [
  { notNull: ["email"], severity: "quarantine" },
  { range: { age: { min: 0 } }, severity: "quarantine" },
  { acceptedValues: { id: [1, 2, 3, 4, 5] } },
];

const outputs: Readonly<Record<string, Omit<DatasetOutput, "dataset">>> = {
  replace: { mode: "replace" },
  append: { mode: "append" },
  merge: { mode: "merge", key: ["id"] },
  "append to sqlite": { mode: "append", sqlite: { path: "people.sqlite" } },
  "replace in duckdb": { mode: "replace", duckdb: { path: "people.duckdb" } },
};

async function deliver(mode: string, values: string): Promise<void> {
  runs += 1;
  const sql = `select id, email::varchar as email, age from (values ${values}) v(id, email, age)`;
  await project.publish({ sql, checks, output: { dataset: "people", ...outputs[mode] } }, { runId: runs });
}

const version = (): number => project.versions("people_quarantine").at(-1)?.version ?? 0;
const ids = async (dataset: string): Promise<unknown[]> =>
  (await project.rows(dataset, `select id from ${dataset} order by id`)).map(({ id }) => id);

const first = "(1, 'a@x', 30), (2, null, 20), (3, 'c@x', -1), (4, null, -5)";

test.each(Object.keys(outputs))("in mode %s rows are let in and are no longer set aside", async (mode) => {
  await deliver(mode, first);
  const chosen = { dataset: "people", version: version(), check: "not_null(email)" };
  const attempt = project.attempt({ runId: 50 });
  expect(await attempt.quarantine.release(chosen)).toMatchObject({ rows: 2, dataset: { job: "test_job", runId: 50 } });
  expect(await ids("people")).toEqual([1, 2, 4]);
  expect(await attempt.quarantine.remove(chosen)).toEqual({ unresolved: 1 });
  expect(await ids("people_quarantine")).toEqual([3]);
  expect(project.events.findLast(({ type }) => type === "quarantine_resolved")?.data).toMatchObject({ unresolved: 1 });
  expect(await project.rows("people", "select email from people where id = 4")).toEqual([{ email: null }]);
});

const selections: readonly [QuarantineSelection, readonly number[]][] = [
  [{}, []],
  [{ check: "range(age)" }, [2, 5]],
  [{ check: "nobody" }, [2, 3, 4, 5]],
  [{ run: "r1" }, [5]],
  [{ run: "r2", check: "not_null(email)" }, [2, 3, 4]],
  [{ where: { ID: "4" } }, [2, 3, 5]],
  [{ where: { email: null } }, [3]],
  [{ where: { email: "c@x", age: "-1" } }, [2, 4, 5]],
  [{ where: { email: "' or 1=1 --" } }, [2, 3, 4, 5]],
];

test.each(selections)("rows chosen by %j are dropped, the others stay", async (selection, left) => {
  await deliver("append", first);
  await deliver("append", "(5, null, 7)");
  await project.attempt({ runId: 50 }).quarantine.remove({ dataset: "people", version: version(), ...selection });
  expect(await ids("people_quarantine")).toEqual(left);
  expect(await ids("people")).toEqual([1]);
});

test("a column that is not there is refused by name", async () => {
  await deliver("append", first);
  const chosen = { dataset: "people", version: version(), where: { mail: "x" } };
  const error = await expectFailure(project.attempt({ runId: 50 }).quarantine.remove(chosen));
  expect(error.message).toBe("the quarantine has no column `mail`, did you mean `email`?");
});

test("a row that a blocking check refuses is not let in", async () => {
  await deliver("append", "(1, 'a@x', 1)");
  runs += 1;
  const sql = "select 9 as id, null::varchar as email, 1 as age";
  await project.publish(
    { sql, checks: checks.slice(0, 2), output: { dataset: "people", mode: "append" } },
    { runId: 2 },
  );
  await deliver("append", "(2, 'b@x', 1)");
  const chosen = { dataset: "people", version: version() };
  const error = await expectFailure(project.attempt({ runId: 50 }).quarantine.release(chosen));
  expect(error).toMatchObject({ code: "CHECKS_FAILED" });
  expect(error.message).toContain("`accepted_values(id)` (1 row)");
  expect(await ids("people")).toEqual([1, 2]);
  expect(await ids("people_quarantine")).toEqual([9]);
});

test("what came after somebody looked is left alone, and what was resolved since is not let in over it", async () => {
  await deliver("merge", first);
  const chosen = { dataset: "people", version: version() };
  await deliver("merge", "(2, 'b@x', 21), (5, null, 7)");
  const attempt = project.attempt({ runId: 50 });
  await attempt.quarantine.release(chosen);
  expect(await project.rows("people", "select email from people where id = 2")).toEqual([{ email: "b@x" }]);
  expect(await ids("people")).toEqual([1, 2, 3, 4]);
  expect(await attempt.quarantine.remove(chosen)).toEqual({ unresolved: 1 });
  expect(await ids("people_quarantine")).toEqual([5]);
});

test.each(["release", "remove"] as const)(
  "a run that dies after its %s and comes again lets no row in twice",
  async (died) => {
    await deliver("append", first);
    const chosen = { dataset: "people", version: version() };
    const before = project.attempt({ runId: 50 });
    await before.quarantine.release(chosen);
    await deliver("append", "(5, null, 7)");
    if (died === "remove") await before.quarantine.remove(chosen);
    const after = project.attempt({ runId: 50, epoch: 2 });
    if (died === "release") await after.quarantine.release(chosen);
    await after.quarantine.remove(chosen);
    expect(await ids("people")).toEqual([1, 2, 3, 4]);
    expect(await ids("people_quarantine")).toEqual([5]);
  },
);

test("a delivery that is set aside while rows are dropped is not lost", async () => {
  await deliver("append", first);
  const chosen = { dataset: "people", version: version(), check: "range(age)" };
  let delivered = false;
  const failpoint = async (name: string): Promise<void> => {
    if (name !== "delta:publishing" || delivered) return;
    delivered = true;
    await deliver("append", "(5, null, 7)");
  };
  await project.attempt({ runId: 50, failpoint }).quarantine.remove(chosen);
  expect(await ids("people_quarantine")).toEqual([2, 5]);
});

test("a parquet file that is replaced takes no rows", async () => {
  const output: DatasetOutput = { dataset: "people", parquet: { path: "people.parquet" } };
  await project.publish({ sql: "select null as email", checks: [checks[0] as Check], output });
  const chosen = { dataset: "people", version: version() };
  const error = await expectFailure(project.attempt({ runId: 50 }).quarantine.release(chosen));
  expect(error).toMatchObject({ code: "TARGET_UNSUPPORTED" });
});

test("rows of an older version can be dropped, and let in once the job has run", async () => {
  const old = "select 2 as id, null::varchar as email, 1 as age, ['not_null(email)'] as _reasons";
  runs = 1;
  await project.publish({ sql: old, output: { dataset: "people_quarantine" } }, { runId: 1 });
  const attempt = project.attempt({ runId: 50 });
  const error = await expectFailure(attempt.quarantine.release({ dataset: "people", version: 1 }));
  expect(error).toMatchObject({ code: "QUARANTINE_UNKNOWN", hint: expect.stringContaining("run job `test_job` once") });
  await deliver("append", "(1, 'a@x', 30)");
  await attempt.quarantine.release({ dataset: "people", version: version() });
  expect(await ids("people")).toEqual([1, 2]);
  await attempt.quarantine.remove({ dataset: "people", version: version() });
  expect(await ids("people_quarantine")).toEqual([]);
});

test("a dataset without a quarantine is refused by name", async () => {
  await project.publish({ sql: "select 1 as id", output: { dataset: "plain_quarantine" } });
  const error = await expectFailure(project.attempt({ runId: 50 }).quarantine.remove({ dataset: "plain", version: 1 }));
  expect(error).toMatchObject({ code: "QUARANTINE_UNKNOWN", message: "dataset `plain` has no quarantine" });
});

test("a summary counts rows by check, run and age", async () => {
  await deliver("append", first);
  project.nowMs += 3_600_000;
  await deliver("append", "(5, null, 7)");
  const reader = createQuarantineReader({
    engine: project.engine,
    catalog: project.catalog(99, () => true),
    staging: project.staging,
  });
  expect(await reader.summarize("people")).toMatchObject({
    rows: 4,
    checks: [
      { name: "not_null(email)", rows: 3 },
      { name: "range(age)", rows: 2 },
    ],
    runs: [
      { run: "r2", rows: 1, atMs: project.nowMs },
      { run: "r1", rows: 3 },
    ],
  });
  expect(await reader.summarize("people", { run: "r2" })).toMatchObject({ rows: 1 });
  expect((await reader.read("people", {}, 2)).map(({ _quarantine_run: run }) => run)).toEqual(["r1", "r1"]);
});
